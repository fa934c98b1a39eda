import { type Command, Option } from 'commander';
import { FILE_STATUSES } from '../lib/contracts/outcomes';
import { asJson, type Desk, examples, since, wholeNumber } from './options';

/** Commands that show and change nothing. */
export function addLookCommands(program: Command, { deployment, say }: Desk): void {
  program
    .command('status')
    .description('files by source and status, running executions, failures, queues, and how fresh everything is')
    .addOption(since('24h'))
    .addOption(asJson())
    .addHelpText('after', examples('status --since 7d', '--env prod status --json'))
    .action(async (options) => {
      const { status } = await import('./commands/status');
      say(await status(await deployment(), options));
    });

  program
    .command('files')
    .description('the ledger: the newest files, or the whole life of one')
    .argument('[key]', 'key in the raw bucket')
    .addOption(new Option('--status <status>', 'only these').choices(FILE_STATUSES))
    .option('--source <name>', 'only of this producer')
    .addOption(since('24h'))
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .addOption(asJson())
    .addHelpText('after', examples('files --status FAILED --since 7d', 'files reviews/native/2026-11.jsonl'))
    .action(async (key: string | undefined, options) => {
      const { files } = await import('./commands/files');
      say(await files(await deployment(), key, options));
    });

  program
    .command('rejects')
    .description('rejected records of a file, with every reason')
    .argument('<key>', 'key in the raw bucket')
    .option('--reason <code>', 'only for this reason (contracts/outcomes.json)')
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .option('--show-personal-data', 'show what was found and the records themselves; that you asked is recorded')
    .addOption(asJson())
    .addHelpText('after', examples('rejects reviews/native/2026-11.jsonl --reason MISSING_ID'))
    .action(async (key: string, options) => {
      const { rejects } = await import('./commands/rejects');
      say(await rejects(await deployment(), key, options));
    });

  program
    .command('why')
    .description(
      'what happened to one record, or to every version of a review: published, replaced, deleted, rejected and why',
    )
    .argument(
      '<record>',
      'key in the raw bucket, # and the number of the record in the file, from 1; or the key of a review, as CORE has it',
    )
    .addOption(asJson())
    .addHelpText('after', examples('why reviews/native/2026-11.jsonl#17'))
    .action(async (place: string, options: { json?: true }) => {
      const { isReviewKey, whyReview } = await import('./commands/why-review');
      if (isReviewKey(place)) return say(await whyReview(await deployment(), place, options));
      const { why } = await import('./commands/why');
      say(await why(await deployment(), place, options));
    });

  program
    .command('metrics')
    .description('figures of the environment in the text form of Prometheus, for its textfile collector')
    .addHelpText('after', examples('--env prod metrics > /var/lib/node_exporter/reviews.prom'))
    .action(async () => {
      const { metricsText } = await import('./metrics-text');
      process.stdout.write(await metricsText(await deployment()));
    });

  program
    .command('open')
    .description('serve a page on this machine that shows the flow, executions, files, quality and presentation tables')
    .addHelpText('after', examples('--env prod open'))
    .action(async () => {
      const { open } = await import('./commands/open');
      const { url, stop } = await open(await deployment());
      say(`The page is served at:\n  ${url}\nIt only reads. Ctrl-C ends it.`);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
    });
}
