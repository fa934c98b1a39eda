import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureIn, comparable, excerptOf, resultOf } from '../../docs/site/captured';
import { binOf, ROOT, RUNS } from '../../local/paths';
import { type LocalRun, npmRunLocal, scratchFolder } from './support/command';
import { processesIn, processesNaming } from './support/processes';

describe('npm run local, without a path', () => {
  const folder = scratchFolder();
  let run: LocalRun;
  let runsBefore: string[];

  beforeAll(async () => {
    runsBefore = existsSync(RUNS) ? readdirSync(RUNS) : [];
    run = await npmRunLocal(folder.path, []);
  });
  afterAll(() => folder[Symbol.dispose]());

  it('takes the generated sample through the platform exactly as expected', async () => {
    expect(run.exitCode, run.output).toBe(0);
    const again = join(folder.path, 'sample');
    await execa(join(binOf('glue'), 'python'), [join(ROOT, 'local/samples/generate.py'), '--out', again]);
    const { files } = JSON.parse(readFileSync(join(again, 'expected.json'), 'utf8'));
    const outcomes = run.report.files.map(({ path, source, recordsRead, published, duplicates, rejected }) => [
      path.split(sep).slice(-2).join('/'),
      { source, recordsRead, published, duplicates, rejected },
    ]);
    expect(Object.fromEntries(outcomes)).toEqual(files);
  });

  it('has its presentation tables built by Airflow', () => {
    expect(run.report.seconds.airflow).toBeGreaterThan(0);
    expect(run.report.dbt).toMatchObject({ failed: 0, warned: 0 });
    expect(run.report.dbt.passed).toBeGreaterThan(0);
    expect(run.report.marts.file_audit).toBe(run.report.files.length);
  });

  it('prints the verdict last', () => {
    expect(run.output.trim().split('\n').at(-1)).toMatch(/^All \d+ files are accounted for\./);
  });

  it.each([
    { page: 'README.md', shown: excerptOf },
    { page: 'docs/quick-start.md', shown: (result: string) => result },
  ])('prints what $page shows (if not: npm run capture)', ({ page, shown }) => {
    const captured = captureIn(readFileSync(join(ROOT, page), 'utf8'));
    expect(comparable(shown(resultOf(run.output)))).toBe(comparable(captured));
  });

  it('leaves no state and no process behind', () => {
    expect(readdirSync(RUNS).filter((name) => !runsBefore.includes(name))).toEqual([]);
    expect(processesNaming(RUNS)).toEqual([]);
    expect(processesIn(RUNS)).toEqual([]);
  });
});

describe('npm run local, stopped while it works', () => {
  it('ends everything it started on Ctrl-C', async () => {
    const run = execa('npm', ['run', 'local'], { cwd: ROOT, reject: false, all: true, detached: true });
    await new Promise<void>((seen) => {
      run.all.on('data', (said: Buffer) => said.includes('Clean reviews') && seen());
    });
    // Ctrl-C reaches the whole foreground group of the terminal.
    process.kill(-(run.pid as number), 'SIGINT');
    const { exitCode, all } = await run;
    expect(exitCode).not.toBe(0);
    expect(all.trim().split('\n').at(-1)).toBe('Stopped.');
    // A job that was being started ends as soon as it sees that its server has gone.
    await expect.poll(() => [...processesNaming(RUNS), ...processesIn(RUNS)], { timeout: 20_000 }).toEqual([]);
  });
});

describe('npm run local, with a mistake', () => {
  it.each([
    { args: ['/no/such/file.json'], says: '/no/such/file.json: no such file or folder' },
    { args: ['--source', 'no-such-producer', 'README.md'], says: 'no-such-producer' },
    { args: ['--report', 'README.md/report.json'], says: 'is a file, so nothing can be made in it' },
    { args: ['--no-such-option'], says: "unknown option '--no-such-option'" },
  ])('says what is wrong with $args at once', async ({ args, says }) => {
    const { exitCode, all } = await execa('npm', ['run', 'local', '--', ...args], {
      cwd: ROOT,
      reject: false,
      all: true,
    });
    expect(exitCode).not.toBe(0);
    expect(all).toContain(says);
  });
});
