/** `npm test`: sets up what is missing and runs every check; `--unit` runs the fast ones only. */
import { Command } from 'commander';
import { setUp } from '../local/setup/steps';
import { CHECKS, CHECKS_AT_ONCE } from './checks';
import { report } from './report';

const { unit } = new Command('npm test --')
  .description('Runs every check of the project.')
  .option('--unit', 'only the fast ones: lint, types and unit tests')
  .parse()
  .opts<{ unit?: boolean }>();

await setUp('test');

await report(
  CHECKS.filter(({ fast }) => fast || !unit),
  CHECKS_AT_ONCE,
);
