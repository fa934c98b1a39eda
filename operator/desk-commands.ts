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

  const contract = program
    .command('contract')
    .description("the workbench of producers' contracts (contracts/sources), by the jobs' own code; needs no AWS");

  contract
    .command('check')
    .description('check contracts against their schema and the tables; exit status 1 where one is broken')
    .argument('[names...]', 'names of contracts (default: all)')
    .addOption(asJson())
    .addHelpText('after', examples('contract check', 'contract check native yelp'))
    .action(async (names: string[], options) => {
      const { checkContracts } = await import('./commands/contract');
      const { text, inOrder } = await checkContracts(names, options);
      say(text);
      if (!inOrder) process.exitCode = EXIT.FOUND;
    });

  contract
    .command('preview')
    .description('the rows that a file becomes by a contract, and what no field maps')
    .argument('<name>', 'name of the contract')
    .argument('<file>', 'a file of this producer')
    .addOption(asJson())
    .addHelpText('after', examples('contract preview lamp-shop reviews.jsonl'))
    .action(async (name: string, file: string, options) => {
      const { previewContract } = await import('./commands/contract');
      say(await previewContract(name, file, options));
    });

  contract
    .command('new')
    .description(
      'write a contract to begin with, from names that other producers use, and its fixture where it reads the file',
    )
    .argument('<name>', 'name of the new contract')
    .argument('<file>', 'a small file of this producer: JSON Lines, or an array of records')
    .addOption(asJson())
    .addHelpText('after', examples('contract new lamp-shop reviews.jsonl'))
    .action(async (name: string, file: string, options) => {
      const { newContract } = await import('./commands/contract');
      say(await newContract(name, file, options));
    });
}
