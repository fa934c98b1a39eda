/**
 * Measures Airflow: its environments' installation, and on a platform of its own how soon it serves, how soon an event starts a
 * run, and what a run costs beside dbt alone on the same reviews.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { execa } from 'execa';
import { DAGS_SOURCE } from '../../lib/orchestration/dags-folder';
import { binOf, LOCAL, ROOT } from '../../local/paths';
import { startPlatform } from '../../local/platform/platform';
import { type DagRun, hasAirflow, type WithAirflow } from '../../local/run/dag-runs';
import { dbtBuild } from '../../local/run/dbt';
import { drop } from '../../local/run/drop';
import { follow } from '../../local/run/follow';
import { buildOf, runThatSees } from '../../local/run/orchestrated-build';
import { whenExternalTablesAreRefreshed } from '../../local/run/presentation-tables';
import { atEnd } from '../../local/run/shutdown';
import { createEnvironment } from '../../local/setup/python';
import { describeFigures, type Figure, writeFigures } from './figures';
import { MemoryWatch } from './memory';

/** Seconds and MiB, on a quiet machine with two cores. */
const AIMS = {
  install: 60,
  ready: 20,
  airflowMemory: 1024,
  start: 5,
  parse: 1,
} as const;

export interface AirflowBenchOptions {
  /** File for the figures, as JSON. */
  readonly report?: string;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Both environments, from uv's cache. */
async function install(folder: string): Promise<Figure> {
  const value = await secondsOf(async () => {
    for (const name of ['airflow', 'dbt'] as const) await createEnvironment(name, join(folder, name), () => {});
  });
  return { what: 'environments of Airflow and dbt, from a warm cache', value, unit: 's', aim: AIMS.install };
}

async function parse(folder: string): Promise<Figure> {
  const { stdout } = await execa(
    join(binOf('airflow'), 'python'),
    [join(ROOT, 'test/bench/parse_dag.py'), DAGS_SOURCE],
    {
      env: { AIRFLOW_HOME: join(folder, 'airflow-home'), AIRFLOW__CORE__LOAD_EXAMPLES: 'False' },
    },
  );
  const [seconds] = stdout.split('\n').slice(-1);
  return { what: 'parsing the DAG', value: Number(seconds), unit: 's', aim: AIMS.parse };
}

const secondsOfRun = ({ start_date, end_date }: DagRun): number =>
  (Date.parse(end_date as string) - Date.parse(start_date as string)) / 1000;

/** Publishes one review, and follows what comes of it. */
async function eventToRun(platform: WithAirflow, folder: string): Promise<Figure[]> {
  const path = join(folder, 'review.jsonl');
  const review = { review_id: 'r', product: { product_id: 'p' }, reviewer: { reviewer_id: 'u' }, rating: 4 };
  writeFileSync(path, `${JSON.stringify({ ...review, created_at: '2026-05-04T10:00:00Z' })}\n`);
  const { executionArn, status, reason } = await follow(
    platform,
    await drop(platform, { path, key: 'reviews/native/review.jsonl' }),
  );
  if (status !== 'PUBLISHED') throw new Error(`The review was not published: ${status} ${reason}`);
  await whenExternalTablesAreRefreshed(platform);
  const run = await runThatSees(platform, new Date());
  const { succeeded, output } = await buildOf(platform, run);
  if (!succeeded || run.run_type !== 'asset_triggered') throw new Error(`The event's run did not succeed:\n${output}`);
  const { stopDate } = await platform.aws.sfn.send(
    new DescribeExecutionCommand({ executionArn: executionArn as string }),
  );
  const started = (Date.parse(run.start_date as string) - (stopDate?.getTime() ?? Number.NaN)) / 1000;
  return [
    { what: 'end of the execution to start of the run', value: started, unit: 's', aim: AIMS.start },
    { what: 'the run: freshness, build, docs', value: secondsOfRun(run), unit: 's' },
  ];
}

/** Runs the measurements and prints them. */
export async function airflowBench({ report }: AirflowBenchOptions): Promise<void> {
  const folder = join(LOCAL, 'bench', 'airflow');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  console.log('Installing the environments …');
  const figures: Figure[] = [await install(folder)];
  figures.push(await parse(folder));

  const platform = await startPlatform({
    state: join(folder, 'state'),
    airflow: true,
    onStep: (step) => console.log(`${step} …`),
    onProcess: (server) => atEnd(() => server.stop()),
  });
  if (!hasAirflow(platform)) throw new Error('The platform was started without Airflow.');
  const memory = new MemoryWatch(platform.airflow.pid);
  const ready = await platform.airflow.ready();
  figures.push(
    { what: 'Airflow serves, nothing else at work', value: ready, unit: 's', aim: AIMS.ready },
    { what: "Airflow's processes at the peak", value: await memory.peak(), unit: 'MiB', aim: AIMS.airflowMemory },
  );
  console.log('Publishing a review …');
  figures.push(...(await eventToRun(platform, folder)));
  const value = await secondsOf(() => dbtBuild(platform, join(folder, 'dbt')));
  figures.push({ what: 'dbt build by itself on the same', value, unit: 's' });

  console.log(`\n${describeFigures(figures)}`);
  if (report) writeFigures(report, figures);
}
