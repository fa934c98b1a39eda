import type { Command } from 'commander';
import { EXIT } from './failures';
import { amount, asJson, type Desk, examples } from './options';

/** Commands about files and contracts of this machine, and about money: they need no deployment. */
export function addDeskCommands(program: Command, { environment, say }: Desk): void {
  program
    .command('validate')
    .description(
      'what would become of files of this machine: contract, counts, reasons with the first place; needs no AWS',
    )
    .argument('<paths...>', 'files of reviews')
    .option('--source <name>', 'read them by this contract of contracts/sources (default: recognised)')
    .addOption(asJson())
    .addHelpText('after', examples('validate export.jsonl --source native'))
    .action(async (paths: string[], options) => {
      const { validate } = await import('./commands/validate');
      const { text, allPublishable } = await validate(paths, options);
      say(text);
      if (!allPublishable) process.exitCode = EXIT.FOUND;
    });

  program
    .command('cost')
    .description(
      'what an environment costs in a month under a load, by service, in both modes of the intake; needs no AWS',
    )
    .requiredOption('--files-per-day <n>', 'files that arrive in a day', amount)
    .requiredOption('--mb-per-day <n>', 'their size, unpacked (MiB)', amount)
    .option('--drops-per-day <n>', 'how often files come, each time a share of them at once (default: evenly)', amount)
    .addOption(asJson())
    .addHelpText('after', examples('--env prod cost --files-per-day 1000 --mb-per-day 500 --drops-per-day 24'))
    .action(async ({ filesPerDay, mbPerDay: mebibytesPerDay, dropsPerDay, ...options }) => {
      const { cost } = await import('./commands/cost');
      say(cost(environment(), { filesPerDay, mebibytesPerDay, dropsPerDay }, options));
    });
}
