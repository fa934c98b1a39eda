import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runChecks } from './check-run';
import type { Check } from './checks';

const folder = mkdtempSync(join(tmpdir(), 'reviews-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A check that runs JavaScript. */
const check = (name: string, script: string, over: Partial<Check> = {}): Check => ({
  name,
  command: ['node', '-e', script],
  fast: true,
  quiet: false,
  ...over,
});

const says = (words: string): string => `console.log(${JSON.stringify(words)});`;
const writes = (file: string, text: string): string =>
  `require('fs').writeFileSync(${JSON.stringify(file)}, ${JSON.stringify(text)});`;
const suite = (counters: string): string => `<testsuites><testsuite name="one" ${counters}></testsuite></testsuites>`;

async function run(checks: readonly Check[], limit = 2) {
  const printed: string[] = [];
  const outcomes = await runChecks(checks, limit, (text) => printed.push(text));
  return { outcomes, printed };
}

describe('runner of the checks', () => {
  it('goes on after a check that fails, and counts it', async () => {
    const { outcomes } = await run([check('bad', 'process.exit(3)'), check('good', ''), check('last', '')], 1);
    expect(outcomes.map(({ name, passed, failed }) => [name, passed, failed])).toEqual([
      ['bad', 0, 1],
      ['good', 1, 0],
      ['last', 1, 0],
    ]);
  });

  it('counts a command that cannot be started as a failure, and says why', async () => {
    const { outcomes, printed } = await run([check('absent', '', { command: ['no-such-command'] })]);
    expect(outcomes).toMatchObject([{ passed: 0, failed: 1 }]);
    expect(printed.join('\n')).toContain('no-such-command');
  });

  it('prints what a check said as one text, though another speaks meanwhile', async () => {
    const speaks = (name: string): Check =>
      check(name, `${says(`${name} begins`)} setTimeout(() => {${says(`${name} ends`)}}, 50);`);
    const { printed } = await run([speaks('one'), speaks('two')]);
    for (const name of ['one', 'two']) {
      expect(printed.filter((text) => text.includes(`${name} begins\n${name} ends`))).toHaveLength(1);
    }
  });

  it('keeps the words of a quiet check to itself unless it fails', async () => {
    const quiet = { quiet: true };
    const { printed } = await run([
      check('good', says('fine'), quiet),
      check('bad', `${says('why')} process.exit(1)`, quiet),
    ]);
    expect(printed.join('\n')).toContain('why');
    expect(printed.join('\n')).not.toContain('fine');
  });

  it.each([
    {
      what: 'tests that passed, failed and were skipped',
      counters: 'tests="9" failures="1" errors="1" skipped="2"',
      exit: 1,
      counts: [5, 2, 2],
    },
    {
      what: 'a failure that is none of its tests',
      counters: 'tests="3" failures="0" errors="0" skipped="0"',
      exit: 1,
      counts: [3, 1, 0],
    },
    {
      what: 'a success without a test as a failure',
      counters: 'tests="0" failures="0" errors="0" skipped="0"',
      exit: 0,
      counts: [0, 1, 0],
    },
  ])('counts $what', async ({ counters, exit, counts }) => {
    const report = join(folder, 'report.xml');
    const { outcomes } = await run([
      check('tests', `${writes(report, suite(counters))} process.exit(${exit})`, { report }),
    ]);
    expect(outcomes.map(({ passed, failed, skipped }) => [passed, failed, skipped])).toEqual([counts]);
  });

  it('takes no report of an earlier run for its own', async () => {
    const report = join(folder, 'earlier.xml');
    await run([check('writes', writes(report, suite('tests="1" failures="0" errors="0" skipped="0"')), { report })]);
    const { outcomes } = await run([check('writes nothing', '', { report })]);
    expect(outcomes).toMatchObject([{ passed: 0, failed: 1 }]);
  });
});
