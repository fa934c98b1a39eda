/** `npm test`: sets up what is missing and runs every check; `--unit` runs the fast ones only. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { execa } from 'execa';
import { ROOT } from '../local/paths';
import { taskList } from '../local/run/progress';
import { setupSteps } from '../local/setup/steps';
import { CHECKS, type Check } from './checks';

interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

/** Sums the counters of a JUnit report's suites. */
function junitCounts(file: string): Pick<Outcome, 'passed' | 'failed' | 'skipped'> {
  const suites = readFileSync(file, 'utf8').match(/<testsuite\s[^>]*>/g) ?? [];
  const sum = (counter: string): number =>
    suites.reduce((total, suite) => total + Number(new RegExp(`\\s${counter}="(\\d+)"`).exec(suite)?.[1] ?? 0), 0);
  const failed = sum('failures') + sum('errors');
  const skipped = sum('skipped');
  return { passed: sum('tests') - failed - skipped, failed, skipped };
}

function countsOf({ counts }: Check, succeeded: boolean): Pick<Outcome, 'passed' | 'failed' | 'skipped'> {
  const alone = { passed: succeeded ? 1 : 0, failed: succeeded ? 0 : 1, skipped: 0 };
  if (!counts) return alone;
  try {
    const counted = junitCounts(counts.file);
    // A runner may fail for more than its tests, or find none: that is a failure too.
    const unsaid = succeeded ? counted.passed === 0 : counted.failed === 0;
    return unsaid ? { ...counted, failed: counted.failed + 1 } : counted;
  } catch {
    return { ...alone, passed: 0, failed: 1 };
  }
}

async function runCheck(check: Check): Promise<Outcome> {
  const began = Date.now();
  if (check.counts) {
    rmSync(check.counts.file, { force: true });
    mkdirSync(dirname(check.counts.file), { recursive: true });
  }
  const [command, ...args] = check.command;
  if (!check.quiet) console.log(`\n── ${check.name} ──`);
  const run = await execa(command, args, {
    cwd: join(ROOT, check.folder ?? '.'),
    preferLocal: true,
    localDir: ROOT,
    reject: false,
    all: check.quiet,
    stdio: check.quiet ? 'pipe' : 'inherit',
    env: { ...check.env },
  });
  const succeeded = run.exitCode === 0;
  const seconds = (Date.now() - began) / 1000;
  console.log(`${succeeded ? '✔' : '✖'} ${check.name} (${seconds.toFixed(1)} s)`);
  if (check.quiet && !succeeded) console.log(run.all ?? run.shortMessage);
  return { name: check.name, ...countsOf(check, succeeded), seconds };
}

const { unit } = new Command('npm test --')
  .description('Runs every check of the project.')
  .option('--unit', 'only the fast ones: lint, types and unit tests')
  .parse()
  .opts<{ unit?: boolean }>();

const steps = setupSteps('test');
if (steps.length > 0) await taskList(steps).run();

const outcomes: Outcome[] = [];
for (const check of CHECKS.filter(({ fast }) => fast || !unit)) outcomes.push(await runCheck(check));

const total = (of: 'passed' | 'failed' | 'skipped' | 'seconds'): number =>
  outcomes.reduce((sum, outcome) => sum + outcome[of], 0);
console.log(`\nTook ${Math.round(total('seconds'))} s.`);
for (const { name, failed } of outcomes) if (failed > 0) console.log(`✖ ${name}: ${failed} failed`);
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exitCode = total('failed') > 0 ? 1 : 0;
