import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Platform, startPlatform } from '../platform/platform';
import { setupSteps } from '../setup/steps';
import { filesToDrop } from './drop';
import { endedWell, type FileResult } from './follow';
import { announceKept, discard, newRunFolder } from './kept';
import { processFiles, taskList } from './progress';
import { describe, type RunReport } from './result';
import { generateSample } from './sample';
import { atEnd } from './shutdown';
import { countRows, exportTables } from './tables';
import { watch } from './watch';

export interface RunOptions {
  /** Files and folders to drop; the generated sample where there are none. */
  readonly paths: readonly string[];
  /** Source contract of every file, where the key or the content is not to decide. */
  readonly source?: string;
  /** File for the report (JSON). */
  readonly report?: string;
  /** Folder for the published tables. */
  readonly export?: string;
  /** Stay up after the run. */
  readonly keep?: boolean;
}

const now = (): number => performance.now() / 1000;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

async function setUp(): Promise<void> {
  const steps = setupSteps('local');
  if (steps.length > 0) await taskList(steps).run();
}

async function start(folder: string, inputBytes: number): Promise<Platform> {
  let platform: Platform | undefined;
  await taskList([
    {
      title: 'Start the platform on this machine',
      task: async (_context, task) => {
        platform = await startPlatform({
          state: folder,
          inputBytes,
          onStep: (step) => {
            task.output = step;
          },
          onProcess: (server) => atEnd(() => server.stop()),
        });
      },
    },
  ]).run();
  return platform as Platform;
}

function writeReport(file: string, report: RunReport): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

/**
 * One run of the platform on this machine: set up what is missing, start, deploy, drop the files, follow them, show the result.
 *
 * @returns the exit status: 0 if every file reached a terminal status and none FAILED, else 1
 */
export async function run({
  paths,
  source,
  report: reportFile,
  export: exportFolder,
  keep,
}: RunOptions): Promise<number> {
  const began = now();
  // A path that is not there is said at once, not after the start.
  const named = paths.length > 0 ? filesToDrop(paths, source) : undefined;
  await setUp();
  const setup = now() - began;
  const folder = newRunFolder();
  const files = named ?? (await generateSample(join(folder, 'sample')));

  const platform = await start(folder, sum(files.map(({ path }) => statSync(path).size)));
  const processing = now();
  const results = await processFiles(platform, files);
  const report = await reportOf(platform, results, { setup, process: now() - processing, began });
  if (exportFolder) await exportTables(platform, exportFolder);
  if (reportFile) writeReport(reportFile, report);

  console.log(`\n${describe(report)}`);
  const well = results.every(endedWell);
  if (keep) {
    announceKept(folder, platform);
    await watch(platform);
  }
  if (well) atEnd(() => discard(folder));
  else console.log(`\nThe run's logs are kept in ${folder}`);
  return well ? 0 : 1;
}

async function reportOf(
  platform: Platform,
  files: readonly FileResult[],
  { setup, process, began }: { setup: number; process: number; began: number },
): Promise<RunReport> {
  return {
    files,
    tables: await countRows(platform),
    seconds: {
      setup: tenths(setup),
      start: tenths(platform.seconds.start),
      deploy: tenths(platform.seconds.deploy),
      process: tenths(process),
      total: tenths(now() - began),
    },
  };
}
