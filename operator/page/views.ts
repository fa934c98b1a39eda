import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { LOCAL_ENVIRONMENT } from '../../lib/config/environments';
import { executionConsoleLink } from '../../lib/contracts/console-link';
import { FILE_STATUSES } from '../../lib/contracts/outcomes';
import { TABLES_PREFIX } from '../../lib/contracts/prefixes';
import { countByStatus, type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import { transitionsOf } from '../commands/files';
import { masked, rejectedRecords } from '../commands/rejects';
import { type DbtRun, lastDbtRun, queues } from '../commands/status';
import type { Deployment } from '../deployment';
import { type Execution, newestExecutions, statesOf } from '../executions';
import { failureLine } from '../failures';
import { filesByStatus, versionsOf } from '../ledger-queries';
import { bySource, qualityByDay, recordsOf, rejectedByReason, sum } from '../quality';
import { ago } from '../text';
import type { ExecutionRow, FileLife, FileRow, Overview, Presentation, SourceQuality, StateTimes } from './answers';
import { flow, type Published } from './flow';
import { countWarehouse, type Query, readPresentation, type WarehouseCounts } from './warehouse-queries';

/** A warehouse that the page may query; it only reads. */
export interface PageWarehouse {
  readonly database: string;
  readonly query: Query;
}

/** What the page shows. */
export interface PageSubject {
  readonly deployment: Deployment;
  /** Opens a session; rejected with the reason if there is no warehouse, or no login to it. */
  readonly warehouse: () => Promise<PageWarehouse>;
  /** The last run of dbt, if this process and not Airflow started it. */
  readonly dbt?: () => DbtRun | undefined;
}

/** How many executions, files and rejected records one answer holds. */
const EXECUTIONS = 50;
const FILES = 200;
const REJECTED_RECORDS = 50;

/** How many objects of the published tables are counted; above this the count says "at least". */
const OBJECTS = 5000;

async function published({ s3, outputs }: Deployment): Promise<Published> {
  let [objects, bytes] = [0, 0];
  const place = { Bucket: outputs.ProcessedBucketName, Prefix: TABLES_PREFIX };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
    const parquet = Contents.filter(({ Key }) => Key?.endsWith('.parquet'));
    objects += parquet.length;
    bytes += parquet.reduce((total, { Size = 0 }) => total + Size, 0);
    if (objects >= OBJECTS) return { objects, bytes, atLeast: true };
  }
  return { objects, bytes, atLeast: false };
}

async function warehouseCounts({ warehouse }: PageSubject): Promise<WarehouseCounts | string> {
  try {
    const { query, database } = await warehouse();
    return await countWarehouse(query, database);
  } catch (error) {
    return failureLine(error as Error);
  }
}

/** The whole flow with its figures, since a time. */
export async function overview(subject: PageSubject, since: Date): Promise<Overview> {
  const { deployment } = subject;
  const [entries, executions, waiting, tables, warehouse, airflowsDbt] = await Promise.all([
    filesByStatus(deployment, { since }),
    newestExecutions(deployment, EXECUTIONS),
    queues(deployment),
    published(deployment),
    warehouseCounts(subject),
    lastDbtRun(deployment),
  ]);
  const records = recordsOf(entries);
  const statuses = countByStatus(entries);
  const dbt = airflowsDbt ?? subject.dbt?.();
  return {
    environment: deployment.environment,
    region: deployment.region,
    at: new Date().toISOString(),
    since: since.toISOString(),
    stages: flow({
      files: entries.length,
      bytes: sum(entries, 'size_bytes'),
      statuses,
      executions: executions.filter(({ startedAt }) => startedAt >= since),
      queues: waiting,
      records,
      tables,
      warehouse,
      dbt: dbt && { ...dbt, when: ago(dbt.endedAt) },
    }),
    records,
    files: Object.fromEntries(
      FILE_STATUSES.flatMap((status) => {
        const count = statuses[status];
        return count ? [[status, count]] : [];
      }),
    ),
    withoutWarehouse: typeof warehouse === 'string' ? warehouse : null,
    queues: waiting,
  };
}

/** The newest executions, each with its files as far as the ledger knows them. */
export async function executions({ deployment }: PageSubject, since: Date): Promise<ExecutionRow[]> {
  const [newest, entries] = await Promise.all([
    newestExecutions(deployment, EXECUTIONS),
    filesByStatus(deployment, { since }),
  ]);
  const batches = Map.groupBy(entries, ({ batch_id }) => batch_id);
  return newest
    .filter(({ startedAt }) => startedAt >= since)
    .map((execution) => executionRow(deployment, execution, batches.get(execution.batchId) ?? []));
}

function executionRow(
  { environment, region }: Deployment,
  { batchId: _, startedAt, endedAt, ...execution }: Execution,
  entries: readonly LedgerEntry[],
): ExecutionRow {
  return {
    ...execution,
    startedAt: startedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    files: entries.length,
    sources: bySource(entries).map(([source]) => source),
    console: environment === LOCAL_ENVIRONMENT ? null : executionConsoleLink(region, execution.arn),
  };
}

/** The states that an execution passed through. */
export async function states({ deployment }: PageSubject, arn: string): Promise<StateTimes[]> {
  return (await statesOf(deployment, arn)).map(({ name, enteredAt, leftAt }) => ({
    name,
    enteredAt: enteredAt.toISOString(),
    leftAt: leftAt?.toISOString() ?? null,
  }));
}

/** The newest files of the ledger. */
export async function files({ deployment }: PageSubject, since: Date): Promise<FileRow[]> {
  return (await filesByStatus(deployment, { since })).slice(0, FILES).map(fileRow);
}

function fileRow(entry: LedgerEntry): FileRow {
  const { key, versionId } = objectVersionOf(entry);
  return {
    key,
    versionId,
    source: entry.source ?? null,
    status: entry.status,
    bytes: entry.size_bytes ?? null,
    arrivedAt: entry.arrived_at,
    updatedAt: entry.updated_at,
    reason: entry.detail ?? entry.reason ?? null,
    ...recordsOf([entry]),
  };
}

/** The whole history of a file: its versions, the newest first, with states, figures and rejected records (masked). */
export async function fileLives({ deployment }: PageSubject, key: string): Promise<FileLife[]> {
  const versions = await versionsOf(deployment, key);
  return Promise.all(versions.toReversed().map((entry) => lifeOf(deployment, entry)));
}

async function lifeOf(deployment: Deployment, entry: LedgerEntry): Promise<FileLife> {
  const [transitions, rejected] = await Promise.all([
    transitionsOf(deployment, entry),
    entry.records_rejected ? rejectedRecords(deployment, entry) : [],
  ]);
  return {
    ...fileRow(entry),
    batch: entry.batch_id,
    attempt: entry.attempt,
    executionArn: entry.execution_arn,
    rejectedByReason: rejectedByReason([entry]),
    states: transitions.map(({ status, at, reason }) => ({ status, at: at.toISOString(), reason })),
    rejectedRecords: rejected
      .slice(0, REJECTED_RECORDS)
      .map(masked)
      .map(({ record_number, record_bytes, reasons }) => ({
        record: Number(record_number),
        bytes: Number(record_bytes),
        reasons: reasons as string[],
      })),
  };
}

/** Quality of each source's records by day. */
export async function quality({ deployment }: PageSubject, since: Date): Promise<SourceQuality[]> {
  return bySource(await filesByStatus(deployment, { since })).map(([source, entries]) => ({
    source,
    files: entries.length,
    ...recordsOf(entries),
    days: qualityByDay(entries),
    rejectedByReason: rejectedByReason(entries),
  }));
}

/** Figures of the presentation tables. */
export async function presentation({ warehouse }: PageSubject): Promise<Presentation> {
  const { query, database } = await warehouse();
  return readPresentation(query, database);
}
