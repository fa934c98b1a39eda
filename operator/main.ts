/** `npm run reviews`: the operator's command line for a deployed environment. */
import { Command, CommanderError, Option } from 'commander';
import { addDeskCommands } from './desk-commands';
import { EXIT, failureText } from './failures';
import { addLookCommands } from './look-commands';
import { deskFor, examples } from './options';
import { addRepairCommands } from './repair-commands';

const program = new Command('npm run reviews --')
  .description('Shows what happened to every file and record of a deployed environment, and repairs it.')
  .addOption(
    new Option('--env <name>', 'environment, a file of environments/ (default: the run kept up on this machine)'),
  )
  .addOption(new Option('--local', 'the run kept up on this machine').conflicts('env'))
  .showHelpAfterError()
  .exitOverride()
  .addHelpText(
    'after',
    [
      examples(
        'status --since 7d',
        '--env prod files --status FAILED',
        'why reviews/native/2026-11.jsonl#17',
        '--env prod reconcile --repair',
      ),
      '',
      'Exit status: 0 done; 1 done, and something was found that needs attention; 2 not done.',
    ].join('\n'),
  );

const desk = deskFor(() => program.opts());
addLookCommands(program, desk);
addRepairCommands(program, desk);
addDeskCommands(program, desk);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) console.error(failureText(error));
  process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? EXIT.DONE : EXIT.NOT_DONE;
}
