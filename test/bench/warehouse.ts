/**
 * Measures the warehouse: provisioning, and dbt on many reviews, on the same again and on a small file more, beside DuckDB
 * summarising the same published files.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { CopyObjectCommand, DeleteObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { execa } from 'execa';
import { z } from 'zod';
import { TABLES_PREFIX } from '../../lib/contracts/prefixes';
import { binOf, LOCAL, ROOT } from '../../local/paths';
import { type Platform, startPlatform } from '../../local/platform/platform';
import { WarehouseSession } from '../../local/platform/warehouse';
import { dbtBuild, startDbt } from '../../local/run/dbt';
import { drop, filesToDrop } from '../../local/run/drop';
import { followAll } from '../../local/run/follow';
import { countPresentationTables, whenExternalTablesAreRefreshed } from '../../local/run/presentation-tables';
import { atEnd } from '../../local/run/shutdown';
import { exportTables } from '../../local/run/tables';
import { describeFigures, type Figure, writeFigures } from './figures';

/** What is measured against the reviews of `--reviews`, and the aims (seconds). */
const AIMS = { coldStart: 2, build: 30, incremental: 15 } as const;

/** Reviews of the file that comes later, and how many days earlier the others look as if they had come: beyond what dbt's tests of raw read. */
const LATER_REVIEWS = 3_000;
const DAYS_BEFORE = 40;

const DAY_MS = 86_400_000;

export interface WarehouseBenchOptions {
  /** Records of the first load. */
  readonly reviews: number;
  /** File for the figures, as JSON. */
  readonly report?: string;
}

const Queries = z.array(
  z.object({ startedAt: z.number(), externalTables: z.record(z.string(), z.object({ read: z.array(z.string()) })) }),
);

/** What queries have opened of RAW since a moment (seconds since the epoch): files, each query's own, and their ingest dates. */
async function filesRead({ warehouse }: Platform, since: number): Promise<{ files: number; ingestDates: string[] }> {
  const queries = Queries.parse(await (await fetch(`${warehouse.accessUrl}/local/queries`)).json());
  const keys = queries
    .filter(({ startedAt }) => startedAt >= since)
    .flatMap(({ externalTables }) => Object.values(externalTables).flatMap(({ read }) => read));
  const ingestDates = [...new Set(keys.map((key) => /ingest_date=([^/]+)/.exec(key)?.[1] ?? key))].sort();
  return { files: keys.length, ingestDates };
}

/** How long the function that provisions Snowflake took from its cold start to the answer of its first call (seconds). */
async function coldStart({ aws }: Platform): Promise<number> {
  const { StackEvents = [] } = await aws.cloudFormation.send(
    new DescribeStackEventsCommand({ StackName: 'reviews-local-warehouse' }),
  );
  const at = (status: string): number =>
    StackEvents.find(
      ({ LogicalResourceId, ResourceStatus }) => LogicalResourceId === 'Integration' && ResourceStatus === status,
    )?.Timestamp?.getTime() ?? Number.NaN;
  return (at('CREATE_COMPLETE') - at('CREATE_IN_PROGRESS')) / 1000;
}

async function load(platform: Platform, folder: string, reviews: number, seed: number): Promise<void> {
  const sample = join(folder, `sample-${seed}`);
  await execa(join(binOf('glue'), 'python'), [
    ...[join(ROOT, 'local/samples/generate.py'), '--out', sample],
    ...['--reviews', String(reviews), '--seed', String(seed)],
  ]);
  const files = filesToDrop([sample]).filter(({ path }) => !path.endsWith('expected.json'));
  const dropped = await Promise.all(
    files.map(({ path, key }) => drop(platform, { path, key: key.replace(/([^/]+)$/, `${seed}-$1`) })),
  );
  const results = await followAll(platform, dropped);
  const bad = results.filter(({ status }) => status !== 'PUBLISHED');
  if (bad.length > 0)
    throw new Error(`Not published: ${bad.map(({ name, reason }) => `${name}: ${reason}`).join('; ')}`);
}

/** Moves what is published to an earlier ingest date, as if it had come days ago: all that is loaded here comes on one day. */
async function moveBack({ aws: { s3 }, outputs }: Platform, days: number): Promise<void> {
  const Bucket = outputs.ProcessedBucketName;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: TABLES_PREFIX })) {
    for (const { Key = '' } of Contents) {
      const earlier = Key.replace(/ingest_date=([^/]+)/, (_, date) => {
        const day = new Date(Date.parse(date) - days * DAY_MS);
        return `ingest_date=${day.toISOString().slice(0, 10)}`;
      });
      await s3.send(
        new CopyObjectCommand({ Bucket, Key: earlier, CopySource: `${Bucket}/${encodeURIComponent(Key)}` }),
      );
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }
  }
}

/** A build that must succeed: its seconds, the start of dbt included, and what it asked of Snowflake. */
interface Build {
  readonly seconds: number;
  readonly statements: number;
  readonly files: number;
  readonly ingestDates: readonly string[];
}

/** What a run of the DAG that an event has started leaves to those on schedule, as the DAG's own code says it: the views are there. */
async function eventSelection(): Promise<string[]> {
  const { stdout } = await execa(
    join(binOf('airflow'), 'python'),
    [
      '-c',
      'import json; from transformation.selection import PARAMS, build_arguments; ' +
        'params = {name: param.value for name, param in PARAMS.items()}; ' +
        'print(json.dumps(build_arguments(params, on_event=True, without_views=True)))',
    ],
    { env: { PYTHONPATH: join(ROOT, 'airflow/dags') } },
  );
  return z.array(z.string()).parse(JSON.parse(stdout.split('\n').at(-1) ?? ''));
}

async function build(platform: Platform, folder: string, selection: readonly string[] = []): Promise<Build> {
  await whenExternalTablesAreRefreshed(platform);
  const own = join(folder, 'dbt');
  const log = join(own, 'logs', 'dbt.log');
  rmSync(log, { force: true });
  const since = Date.now() / 1000;
  const { failed, warned, output } = await dbtBuild(platform, own, undefined, selection);
  const seconds = Date.now() / 1000 - since;
  if (failed + warned > 0) throw new Error(`dbt did not pass:\n${output}`);
  const statements = readFileSync(log, 'utf8').split('SQL status: ').length - 1;
  return { seconds, statements, ...(await filesRead(platform, since)) };
}

/** Seconds that dbt needs before it can build: for its modules and for parsing, of which the second start finds the result kept. */
async function dbtStart(): Promise<number> {
  const began = performance.now();
  await startDbt().stop();
  return (performance.now() - began) / 1000;
}

/** Runs the measurements and prints them; on a busy machine times double, so the aims are reported and not enforced. */
export async function warehouseBench({ reviews, report }: WarehouseBenchOptions): Promise<void> {
  const folder = join(LOCAL, 'bench', 'warehouse');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const platform = await startPlatform({
    state: folder,
    onStep: (step) => console.log(`${step} …`),
    onProcess: (server) => atEnd(() => server.stop()),
  });
  const cold = await coldStart(platform);
  console.log(`Loading ${reviews.toLocaleString('en-GB')} reviews …`);
  await load(platform, folder, reviews, 1);
  await moveBack(platform, DAYS_BEFORE);
  console.log('Building the presentation tables …');
  const full = await build(platform, folder);
  console.log('Building them again …');
  const again = await build(platform, folder);
  console.log(`Loading ${LATER_REVIEWS.toLocaleString('en-GB')} more …`);
  await load(platform, folder, LATER_REVIEWS, 2);
  console.log('Building the presentation tables with them …');
  const incremental = await build(platform, folder, await eventSelection());
  const start = await dbtStart();

  await exportTables(platform, join(folder, 'tables'));
  const reference = JSON.parse(
    (
      await execa(join(binOf('bench'), 'python'), [
        ...[join(ROOT, 'test/bench/presentation_reference.py'), '--tables', join(folder, 'tables')],
      ])
    ).stdout,
  );
  const session = await WarehouseSession.open(platform.warehouse.accessUrl, platform.warehouse.dbt);
  const marts = await countPresentationTables(session);
  await session.close();
  if (marts.product_summary !== reference.products) {
    throw new Error(`product_summary has ${marts.product_summary} rows; DuckDB finds ${reference.products} products.`);
  }

  const seconds = (what: string, value: number, aim?: number): Figure => ({
    what,
    value,
    unit: 's',
    ...(aim && { aim }),
  });
  const figures = [
    seconds('provisioning function, cold start to its first answer', cold, AIMS.coldStart),
    seconds(`dbt build, ${reviews.toLocaleString('en-GB')} reviews`, full.seconds, AIMS.build),
    seconds('dbt build again, nothing new', again.seconds),
    seconds(
      `dbt build on an event, ${LATER_REVIEWS.toLocaleString('en-GB')} reviews more`,
      incremental.seconds,
      AIMS.incremental,
    ),
    seconds('of each build: the start of dbt, its parse kept', start),
    seconds('DuckDB alone, one row per product', reference.seconds),
  ];
  console.log(`\n${describeFigures(figures)}`);
  for (const [what, { statements, files, ingestDates }] of Object.entries({ full, again, incremental })) {
    console.log(
      `${what}: ${statements} statements, ${files} files opened, of ${ingestDates.join(', ') || 'no ingest date'}`,
    );
  }
  if (report) writeFigures(report, figures, { ingestDatesRead: incremental.ingestDates, marts });
}
