import type { Command } from 'commander';
import { EXIT } from './failures';
import { asJson, type Desk, examples } from './options';

/** Commands about files and contracts of this machine, and about money: they need no deployment. */
export function addDeskCommands(program: Command, { say }: Desk): void {
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
}
