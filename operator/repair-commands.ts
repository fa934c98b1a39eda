import { type Command, Option } from 'commander';
import { agreed, ask } from './ask';
import { EXIT } from './failures';
import { amount, asJson, type Desk, examples, since, wholeNumber } from './options';
import { readSince } from './since';
import { unwatched, watched } from './watching';

/** Commands that start executions, or change what is published. */
export function addRepairCommands(program: Command, { deployment, say }: Desk): void {
  program
    .command('replay')
    .description(
      'process files again after a fix; published ones are replaced with their whole batch, in one step for readers',
    )
    .argument('[keys...]', 'keys in the raw bucket')
    .option('--failed', 'all files that are FAILED')
    .option('--quarantined', 'all files that are QUARANTINED')
    .option('--rejected', 'all files with rejected records')
    .option('--reason <code>', 'with --quarantined or --rejected: only for this reason')
    .addOption(since('7d'))
    .option('--dry-run', 'say what would be done, and do nothing')
    .addOption(asJson())
    .addHelpText(
      'after',
      examples(
        'replay --failed --dry-run',
        'replay reviews/native/2026-11.jsonl',
        'replay --quarantined --reason UNKNOWN_SOURCE --since 30d',
        'replay --rejected --reason TIMESTAMP_INVALID --since 30d',
      ),
    )
    .action(async (keys: string[], options) => {
      const { replay } = await import('./commands/replay');
      say(await replay(await deployment(), keys, options));
    });

  program
    .command('reconcile')
    .description('compare raw bucket, ledger, published tables and Snowflake; exit status 1 where they disagree')
    .option('--repair', 'repair what can be repaired, and compare again')
    .option('--grace <minutes>', 'how long a file may be on its way before it counts as missed', amount, 15)
    .addOption(asJson())
    .addHelpText('after', examples('reconcile', '--env prod reconcile --repair'))
    .action(async (options) => {
      const { reconcile } = await import('./commands/reconcile');
      const { text, agrees } = await reconcile(await deployment(), options);
      say(text);
      if (!agrees) process.exitCode = EXIT.FOUND;
    });

  program
    .command('compact')
    .description(
      'put the small files of past days together in large ones now, as the schedule does every day; exit status 1 where a batch was left out',
    )
    .option('--today', 'the batches of today, too')
    .option('--dry-run', 'say what would be done, and do nothing')
    .addOption(asJson())
    .addHelpText('after', examples('compact --dry-run', '--env prod compact'))
    .action(async (options) => {
      const { compact } = await import('./commands/compact');
      const { text, whole } = await compact(await deployment(), options);
      say(text);
      if (!whole) process.exitCode = EXIT.FOUND;
    });

  program
    .command('backfill')
    .description('process objects that were in the raw bucket before the intake was; may be broken off and run again')
    .requiredOption('--prefix <prefix>', 'objects below this prefix of the raw bucket')
    .option('--from <time>', 'only objects put at this time or later', readSince)
    .option('--to <time>', 'only objects put before this time', readSince)
    .option('--files-per-batch <n>', 'objects of one execution', wholeNumber, 500)
    .option('--max-running <n>', 'executions that may run at one time, arriving files included', wholeNumber, 5)
    .option('--yes', 'do not ask')
    .addOption(asJson())
    .addHelpText('after', examples('--env prod backfill --prefix reviews/native/2024/ --files-per-batch 200'))
    .action(async ({ yes, ...options }) => {
      const { backfill } = await import('./commands/backfill');
      const attendant = { agree: (plan: string) => agreed(plan, yes), watching: options.json ? unwatched : watched };
      say(await backfill(await deployment(), options, attendant));
    });

  program
    .command('redrive-dlq')
    .description('have dead letters processed again, after the cause is gone; exit status 1 where some are left')
    .option('--dry-run', 'count them, and do nothing')
    .addOption(asJson())
    .addHelpText('after', examples('--env prod redrive-dlq --dry-run'))
    .action(async (options) => {
      const { redriveDeadLetters } = await import('./commands/redrive-dlq');
      const { text, allRedriven } = await redriveDeadLetters(await deployment(), options);
      say(text);
      if (!allRedriven) process.exitCode = EXIT.FOUND;
    });

  program
    .command('upload')
    .description('put files into the raw bucket, in parts; run again after a break, it sends only what is missing')
    .argument('<paths...>', 'files of reviews, or folders of them')
    .option('--source <name>', 'producer of every file (default: by the folder, or recognised)')
    .option('--check', 'validate them first, and put none where nothing of one would be published')
    .addOption(asJson())
    .addHelpText('after', examples('--env prod upload exports/ --source native --check'))
    .action(async (paths: string[], options) => {
      const { upload } = await import('./commands/upload');
      say(await upload(await deployment(), paths, options, options.json ? unwatched : watched));
    });

  program
    .command('policy')
    .description('the IAM policy that an operator of the environment needs, as JSON')
    .option('--read-only', 'for the commands that only show')
    .addOption(new Option('--erase', 'with what erase needs').conflicts('readOnly'))
    .addHelpText('after', examples('--env prod policy --read-only', '--env prod policy --erase'))
    .action(async (options) => {
      const { policyDocument } = await import('./commands/policy');
      say(JSON.stringify(policyDocument(await deployment(), options), null, 2));
    });

  program
    .command('erase')
    .description(
      "erase a person's records: from received files, published tables and work areas; exit status 1 while some are left",
    )
    .requiredOption('--reviewer <id>', 'id of the reviewer at the source')
    .requiredOption('--source <name>', 'producer whose files hold the records')
    .option('--dry-run', 'say what would be erased, and change nothing')
    .option('--yes', 'do not ask')
    .addOption(asJson())
    .addHelpText(
      'after',
      examples('erase --reviewer R-1 --source native --dry-run', '--env prod erase --reviewer R-1 --source native'),
    )
    .action(async ({ yes, ...options }) => {
      const { erase } = await import('./commands/erase');
      const attendant = { agree: (plan: string) => agreed(plan, yes), watching: options.json ? unwatched : watched };
      const { text, isGone } = await erase(await deployment(), options, attendant);
      say(text);
      if (!isGone) process.exitCode = EXIT.FOUND;
    });

  program
    .command('destroy')
    .description("delete the environment: all stacks, and Snowflake's objects with theirs; lists what is kept and why")
    .option('--dry-run', 'say what would be deleted and kept, and do nothing')
    .addOption(asJson())
    .addHelpText('after', examples('--env dev destroy --dry-run'))
    .action(async (options) => {
      const { destroy } = await import('./commands/destroy');
      const askName = (plan: string) => ask(`${plan}\nType the name of the environment to delete it: `);
      say(await destroy(await deployment(), options, { askName, watching: options.json ? unwatched : watched }));
    });
}
