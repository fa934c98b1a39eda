import { runChecks } from './check-run';
import type { Check } from './checks';

/** Runs checks, so many at a time, says at the end what they counted, and sets the exit code. */
export async function report(checks: readonly Check[], atOnce: number): Promise<void> {
  const began = performance.now();
  const outcomes = await runChecks(checks, atOnce);
  const total = (of: 'passed' | 'failed' | 'skipped'): number =>
    outcomes.reduce((sum, outcome) => sum + outcome[of], 0);
  console.log(`\nTook ${Math.round((performance.now() - began) / 1000)} s.`);
  for (const { name, failed } of outcomes) if (failed > 0) console.log(`✖ ${name}: ${failed} failed`);
  console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
  process.exitCode = total('failed') > 0 ? 1 : 0;
}
