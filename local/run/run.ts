import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ListrTask } from 'listr2';
import type { LocalKafka } from '../platform/kafka';
import {
  type LocalChangeCapture,
  type LocalConnectors,
  type OpenPlatform,
  openPlatform,
  type Platform,
  type PlatformOptions,
} from '../platform/platform';
import { usualPort } from '../platform/ports';
import { SOURCES } from '../platform/sources';
import { WarehouseSession } from '../platform/warehouse';
import { setUp } from '../setup/steps';
import { type AnyTask, taskList } from '../task-list';
import { explanation } from './addresses';
import { buildPresentation } from './build-presentation';
import { capturedObjects, startCapture } from './change-capture';
import { fetchBy } from './connectors';
import { startDbt } from './dbt';
import { boundDiskSpace } from './disk-space';
import { filesNamed, type LocalFile } from './drop';
import type { Extra } from './extras';
import { endedWell, type FileResult } from './file-result';
import { produceTo, SAMPLE_MESSAGES } from './kafka';
import { announceKept, discard, newRunFolder } from './kept';
import { nextStep } from './next-step';
import { checkOutputs, type Outputs } from './outputs';
import { servePageOf } from './page';
import { countPresentationTables, exportPresentationTables, topProducts } from './presentation-tables';
import { processBrought, processFiles } from './progress';
import { newReporter } from './reporter';
import { describe, type RunReport } from './result';
import { generateSample } from './sample';
import { atEnd } from './shutdown';
import { countRows, exportTables } from './tables';
import { watch } from './watch';

export interface RunOptions extends Outputs {
  /** Files and folders to drop; the generated sample where there are none. */
  readonly paths: readonly string[];
  /** Source contract of every file. @default - the key or the content decides */
  readonly source?: string;
  /** Stay up after the run. */
  readonly keep?: boolean;
  /** Whether Airflow runs dbt, as deployed; else dbt is run directly. */
  readonly airflow: boolean;
  /** What runs beside the usual parts. */
  readonly with?: readonly Extra[];
}

const now = (): number => performance.now() / 1000;
const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** The line of the display that says which stack is being deployed: first that of the start, then that of the rest. */
interface StepLine {
  task?: AnyTask;
}

async function open(
  folder: string,
  parts: Pick<PlatformOptions, 'airflow' | 'sources' | 'changeCapture' | 'kafka'>,
  line: StepLine,
): Promise<OpenPlatform> {
  let platform: OpenPlatform | undefined;
  await taskList([
    {
      title: 'Start the platform on this machine',
      task: async (_context, task) => {
        line.task = task;
        platform = await openPlatform({
          state: folder,
          ...parts,
          snowflakePort: await usualPort('snowflake'),
          onStep: (step) => {
            if (line.task) line.task.output = step;
          },
          onProcess: (server) => atEnd(() => server.stop()),
        });
      },
    },
  ]).run();
  return platform as OpenPlatform;
}

const deployRest = ({ whole }: OpenPlatform, line: StepLine): ListrTask => ({
  title: 'Deploy the rest meanwhile',
  task: async (_context, task) => {
    line.task = task;
    await whole;
  },
});

/** Runs the connectors and follows what they store. */
async function processFetched(platform: Platform, connectors: LocalConnectors): Promise<readonly FileResult[]> {
  const lines: string[] = [];
  const bring = () => fetchBy(platform, connectors, (line) => lines.push(line));
  const { results } = await processBrought(platform, 'Process what connectors fetch', bring);
  console.log(lines.sort().join('\n'));
  return results;
}

/** Copies the table of a database, changes it, and follows the files of both. */
async function processCaptured(platform: Platform, changeCapture: LocalChangeCapture): Promise<readonly FileResult[]> {
  const { shop } = changeCapture;
  const copied = (await shop.rows).length;
  let left = 0;
  const { results } = await processBrought(platform, 'Process what change capture brings', async () => {
    await startCapture(platform, changeCapture);
    left = (await shop.change()).length;
    return capturedObjects(platform, changeCapture);
  });
  const changes = results.reduce((sum, { recordsRead }) => sum + recordsRead, 0) - copied;
  console.log(`Change capture: rows copied ${copied}, changes ${changes}, rows now ${left}`);
  return results;
}

/** Produces reviews to the topic and follows what its job stores. */
async function processStreamed(platform: Platform, kafka: LocalKafka): Promise<readonly FileResult[]> {
  const bring = (say: (line: string) => void) => produceTo(platform, kafka, SAMPLE_MESSAGES, say);
  const { results, seconds } = await processBrought(platform, 'Process what comes by Kafka', bring);
  console.log(
    `Stream ${kafka.stream.name}: messages ${SAMPLE_MESSAGES}, objects ${results.length}, ${seconds.toFixed(1)} s`,
  );
  return results;
}

function writeReport(file: string, report: RunReport): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** The files to drop: those that were named, or the sample, generated into the run's folder. */
async function filesOf(named: readonly LocalFile[] | undefined, folder: string): Promise<readonly LocalFile[]> {
  return named ?? generateSample(join(folder, 'sample'));
}

/**
 * One run of the platform on this machine: set up what is missing, start, deploy, drop the files, follow them, show the result.
 *
 * @returns the exit status: 0 if every file reached a terminal status, none FAILED or REJECTED, and no model or test of dbt did, else 1
 */
export async function run({
  paths,
  source,
  keep,
  airflow,
  with: extras = [],
  ...outputs
}: RunOptions): Promise<number> {
  const began = now();
  // Wrong options are refused before anything starts.
  const named = filesNamed(paths, source);
  checkOutputs(outputs);
  const removed = boundDiskSpace();
  if (removed) console.log(removed);
  const parts = {
    airflow,
    sources: SOURCES.filter((name) => extras.includes(name)),
    changeCapture: extras.includes('cdc'),
    kafka: extras.includes('kafka'),
  };
  await setUp(airflow ? 'local' : 'local --no-airflow', ...extras.map((extra) => `local --with ${extra}` as const));
  const setup = now() - began;

  // It reads its modules and parses the project while the rest starts; the end of this process ends it too.
  const dbtAhead = airflow ? undefined : startDbt();
  const folder = newRunFolder();
  const line: StepLine = {};
  const [opened, files] = await Promise.all([open(folder, parts, line), filesOf(named, folder)]);
  const opening = opened.whole.then(({ warehouse }) => WarehouseSession.open(warehouse.accessUrl, warehouse.dbt));
  // Heard of below, where the session is waited for.
  opening.catch(() => {});
  const processed = await processFiles(opened, files, [deployRest(opened, line)]);

  const platform = await opened.whole;
  const fetched = platform.connectors ? await processFetched(platform, platform.connectors) : [];
  const captured = platform.changeCapture ? await processCaptured(platform, platform.changeCapture) : [];
  const streamed = platform.kafka ? await processStreamed(platform, platform.kafka) : [];
  const building = now();
  const [build, tables] = await Promise.all([
    buildPresentation(platform, dbtAhead, join(folder, 'dbt')),
    countRows(platform),
  ]);
  const dbt = now() - building;

  const session = await opening;
  const report: RunReport = {
    files: [...processed.results, ...fetched, ...captured, ...streamed],
    tables,
    marts: await countPresentationTables(session),
    dbt: { passed: build.passed, failed: build.failed, warned: build.warned },
    seconds: {
      setup: tenths(setup),
      start: tenths(platform.seconds.start),
      deploy: tenths(platform.seconds.intake - platform.seconds.start),
      process: tenths(processed.seconds),
      rest: tenths(platform.seconds.whole - platform.seconds.intake),
      ...(platform.airflow && { airflow: tenths(await platform.airflow.ready()) }),
      dbt: tenths(dbt),
      total: tenths(now() - began),
    },
  };
  if (outputs.export) {
    await exportTables(platform, outputs.export);
    await exportPresentationTables(session, outputs.export);
  }
  if (outputs.report) writeReport(outputs.report, report);
  const next = nextStep(report.files, { kept: keep === true });
  console.log(`\n${describe(report, await topProducts(session), folder, next)}`);
  await session.close();

  const well = report.files.every(endedWell) && build.succeeded;
  if (!build.succeeded) console.log(`\n${build.output}`);
  if (keep) {
    const page = await servePageOf(platform, build);
    atEnd(() => page.stop());
    const reporter = await newReporter(platform, join(folder, 'snowflake-login'));
    announceKept(folder, platform, page.url);
    const warehouse = { ...platform.warehouse, reporter };
    console.log(`\n${explanation({ ...platform, warehouse, page: page.url })}\n\nExecutions and runs of Airflow:`);
    await watch(platform);
  }
  if (well) atEnd(() => discard(folder));
  else console.log(`\nThe run's logs are kept in ${folder}`);
  return well ? 0 : 1;
}
