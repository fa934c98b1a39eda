/** `npm test`: sets up what is missing and runs every check; `--unit` runs the fast ones only. */
import { Command } from 'commander';
import { setUp } from '../local/setup/steps';
import { runChecks } from './check-run';
import { CHECKS, CHECKS_AT_ONCE } from './checks';

const { unit } = new Command('npm test --')
  .description('Runs every check of the project.')
  .option('--unit', 'only the fast ones: lint, types and unit tests')
  .parse()
  .opts<{ unit?: boolean }>();

await setUp('test');

const began = performance.now();
const outcomes = await runChecks(
  CHECKS.filter(({ fast }) => fast || !unit),
  CHECKS_AT_ONCE,
);

const total = (of: 'passed' | 'failed' | 'skipped'): number => outcomes.reduce((sum, outcome) => sum + outcome[of], 0);
console.log(`\nTook ${Math.round((performance.now() - began) / 1000)} s.`);
for (const { name, failed } of outcomes) if (failed > 0) console.log(`✖ ${name}: ${failed} failed`);
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exitCode = total('failed') > 0 ? 1 : 0;
