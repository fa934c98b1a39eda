import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { mapConcurrently } from '../lib/functions/runtime/concurrency';
import { ROOT } from '../local/paths';
import type { Check } from './checks';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** How a check ended. */
export interface Outcome extends Counts {
  readonly name: string;
  /** Of the clock, from its start to its end. */
  readonly seconds: number;
}

/** Sums the counters of a JUnit report's suites. */
function junitCounts(file: string): Counts {
  const suites = readFileSync(file, 'utf8').match(/<testsuite\s[^>]*>/g) ?? [];
  const sum = (counter: string): number =>
    suites.reduce((total, suite) => total + Number(new RegExp(`\\s${counter}="(\\d+)"`).exec(suite)?.[1] ?? 0), 0);
  const failed = sum('failures') + sum('errors');
  const skipped = sum('skipped');
  return { passed: sum('tests') - failed - skipped, failed, skipped };
}

function countsOf({ report }: Check, succeeded: boolean): Counts {
  const alone = { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  if (!report) return alone;
  try {
    const counted = junitCounts(report);
    // A runner may fail for more than its tests, or find none: that is a failure too.
    const uncounted = succeeded ? counted.passed === 0 : counted.failed === 0;
    return uncounted ? { ...counted, failed: counted.failed + 1 } : counted;
  } catch {
    return { ...alone, passed: 0, failed: 1 };
  }
}

async function runCheck(check: Check, print: (text: string) => void): Promise<Outcome> {
  const began = performance.now();
  if (check.report) {
    rmSync(check.report, { force: true });
    mkdirSync(dirname(check.report), { recursive: true });
  }
  if (!check.quiet) print(`▸ ${check.name}`);
  const [command, ...args] = check.command;
  const run = await execa(command, args, {
    cwd: join(ROOT, check.folder ?? '.'),
    preferLocal: true,
    localDir: ROOT,
    reject: false,
    all: true,
    stdin: 'ignore',
    env: { ...check.env },
  });
  const succeeded = run.exitCode === 0;
  const seconds = (performance.now() - began) / 1000;
  const verdict = `${succeeded ? '✔' : '✖'} ${check.name} (${seconds.toFixed(1)} s)`;
  // One text: what another check says meanwhile must not come in between.
  const words = check.quiet && succeeded ? '' : run.all?.trim() || run.shortMessage || '';
  print(words ? `\n── ${check.name} ──\n${words}\n${verdict}\n` : verdict);
  return { name: check.name, ...countsOf(check, succeeded), seconds };
}

/**
 * Runs checks, at most `limit` at a time, in their order. One that fails holds up no other.
 *
 * @param print told when a check starts, and all that it has said when it ends
 */
export const runChecks = (
  checks: readonly Check[],
  limit: number,
  print: (text: string) => void = console.log,
): Promise<Outcome[]> => mapConcurrently(checks, limit, (check) => runCheck(check, print));
