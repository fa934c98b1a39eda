import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ROOT } from '../../../local/paths';
import type { RunReport } from '../../../local/run/result';

/** A folder for one test's files, removed by `dispose`. */
export function scratchFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'reviews-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface LocalRun {
  readonly exitCode: number;
  readonly output: string;
  readonly report: RunReport;
  /** Folder of the exported tables. */
  readonly tables: string;
}

/** `npm run local -- --report … --export … ARGS`, as a user types it. */
export async function npmRunLocal(folder: string, args: readonly string[]): Promise<LocalRun> {
  const reportFile = join(folder, 'report.json');
  const tables = join(folder, 'tables');
  const run = await execa('npm', ['run', 'local', '--', '--report', reportFile, '--export', tables, ...args], {
    cwd: ROOT,
    reject: false,
    all: true,
  });
  if (run.exitCode === undefined) throw new Error(`npm run local was ended by ${run.signal}:\n${run.all}`);
  let report: RunReport;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    throw new Error(`npm run local wrote no report (exit ${run.exitCode}):\n${run.all}`);
  }
  return { exitCode: run.exitCode, output: run.all, report, tables };
}
