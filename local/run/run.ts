import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Platform, startPlatform } from '../platform/platform';
import { WarehouseSession } from '../platform/warehouse';
import { setupSteps } from '../setup/steps';
import { hasAirflow } from './dag-runs';
import { dbtBuild } from './dbt';
import type { DbtBuild } from './dbt-results';
import { filesToDrop } from './drop';
import { endedWell, type FileResult } from './file-result';
import { announceKept, discard, newRunFolder } from './kept';
import { countMarts, exportMarts, topProducts, whenTablesHaveHeard } from './marts';
import { buildOf, runThatSees } from './orchestrated-build';
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
  /** Whether Airflow runs dbt, as deployed; else dbt is run directly. */
  readonly airflow: boolean;
}

const now = (): number => performance.now() / 1000;
const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

async function setUp(airflow: boolean): Promise<void> {
  const steps = setupSteps(airflow ? 'local' : 'local --no-airflow');
  if (steps.length > 0) await taskList(steps).run();
}

async function start(folder: string, airflow: boolean): Promise<Platform> {
  let platform: Platform | undefined;
  await taskList([
    {
      title: 'Start the platform on this machine',
      task: async (_context, task) => {
        platform = await startPlatform({
          state: folder,
          airflow,
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
 * @returns the exit status: 0 if every file reached a terminal status, none FAILED, and no model or test of dbt did, else 1
 */
export async function run({
  paths,
  source,
  report: reportFile,
  export: exportFolder,
  keep,
  airflow,
}: RunOptions): Promise<number> {
  const began = now();
  // A path that is not there is said at once, not after the start.
  const named = paths.length > 0 ? filesToDrop(paths, source) : undefined;
  await setUp(airflow);
  const setup = now() - began;
  const folder = newRunFolder();
  const files = named ?? (await generateSample(join(folder, 'sample')));

  const platform = await start(folder, airflow);
  const processing = now();
  const results = await processFiles(platform, files);
  const building = now();
  const build = await buildMarts(platform, join(folder, 'dbt'));
  const parts = { setup, process: building - processing, dbt: now() - building };

  const session = await WarehouseSession.open(platform.warehouse.accessUrl, platform.warehouse.account);
  const report = await reportOf(platform, results, build, await countMarts(session), { ...parts, began });
  if (exportFolder) {
    await exportTables(platform, exportFolder);
    await exportMarts(session, exportFolder);
  }
  if (reportFile) writeReport(reportFile, report);
  console.log(`\n${describe(report, await topProducts(session))}`);
  await session.close();

  const well = results.every(endedWell) && build.succeeded;
  if (!build.succeeded) console.log(`\n${build.output}`);
  if (keep) {
    announceKept(folder, platform);
    await watch(platform);
  }
  if (well) atEnd(() => discard(folder));
  else console.log(`\nThe run's logs are kept in ${folder}`);
  return well ? 0 : 1;
}

/** Waits until the marts are built and tested from what has been published: by Airflow, told by the event, or by dbt at once. */
async function buildMarts(platform: Platform, folder: string): Promise<DbtBuild> {
  let build: DbtBuild | undefined;
  await taskList([
    {
      title: hasAirflow(platform) ? 'Build the marts: Airflow runs dbt' : 'Build the marts with dbt',
      task: async (_context, task) => {
        task.output = 'waiting until the external tables have heard of every file';
        await whenTablesHaveHeard(platform);
        if (hasAirflow(platform)) {
          const visibleAt = new Date();
          await platform.airflow.ready();
          const run = await runThatSees(platform, visibleAt, (state) => {
            if (state !== task.output) task.output = state;
          });
          build = await buildOf(platform, run);
        } else {
          build = await dbtBuild(platform, folder, (line) => {
            if (process.stdout.isTTY) task.output = line;
          });
        }
      },
    },
  ]).run();
  return build as DbtBuild;
}

async function reportOf(
  platform: Platform,
  files: readonly FileResult[],
  { passed, failed, warned }: DbtBuild,
  marts: Readonly<Record<string, number>>,
  { setup, process, dbt, began }: { setup: number; process: number; dbt: number; began: number },
): Promise<RunReport> {
  return {
    files,
    tables: await countRows(platform),
    marts,
    dbt: { passed, failed, warned },
    seconds: {
      setup: tenths(setup),
      start: tenths(platform.seconds.start),
      deploy: tenths(platform.seconds.deploy),
      ...(platform.airflow && { airflow: tenths(await platform.airflow.ready()) }),
      process: tenths(process),
      dbt: tenths(dbt),
      total: tenths(now() - began),
    },
  };
}
