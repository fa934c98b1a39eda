import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { parquetMetadataAsync } from 'hyparquet';
import { COMPACTED_SUFFIX } from '../../lib/contracts/object-keys';
import { REVIEWS_PREFIX, TABLES_PREFIX } from '../../lib/contracts/prefixes';
import { FLATTENED_TABLES, type TableName } from '../../lib/contracts/tables';
import type { LedgerEntry } from '../../lib/functions/ledger/entry';
import { batchOf } from '../../lib/functions/ledger/identity';
import type { Arrival } from '../../lib/functions/ledger/ledger';
import { mapConcurrently } from '../../lib/functions/runtime/concurrency';
import { type Compacted, type Compaction, readCompactions } from '../compactions';
import type { Deployment } from '../deployment';
import { filesByStatus } from '../ledger-queries';
import { type FetchedList, fetchedLists } from './fetched';
import { type WarehouseRows, warehouseRows } from './warehouse';

/** Tables with a row for every published record, each of its kind, and for every rejected one: the other tables follow from these. */
export const COUNTED = [
  'reviews',
  'customers',
  'support_cases',
  'rejected_records',
] as const satisfies readonly TableName[];
export type Counted = (typeof COUNTED)[number];
export type RowCounts = Readonly<Record<Counted, number>>;

/** Contents of the folder of a batch or of a compaction in the processed bucket, by the footers of its Parquet files. */
export interface PublishedBatch {
  readonly id: string;
  readonly ingestDate: string;
  /** Files of its own: none if a compaction holds its rows. */
  readonly objects: number;
  readonly rows: RowCounts;
  /** When a compaction was announced. */
  readonly announcedAt?: Date;
}

/** The counted tables of what is known of a batch's tables; none has rows where nothing is known. */
export const countedOf = (rows: Readonly<Partial<Record<TableName, number>>> = {}): RowCounts =>
  Object.fromEntries(COUNTED.map((table) => [table, rows[table] ?? 0])) as RowCounts;

/** What every part of the platform knows about the files, at one time. */
export interface PlatformState {
  readonly now: Date;
  /** Versions in the raw bucket that are not deleted. */
  readonly versions: readonly Arrival[];
  readonly entries: readonly LedgerEntry[];
  /** Batches, in their own files or in those of a compaction. */
  readonly batches: readonly PublishedBatch[];
  /** Folders as the external tables see them, with those of compactions. */
  readonly folders: readonly PublishedBatch[];
  /** Batches whose outcome is in the file events. */
  readonly told: ReadonlySet<string>;
  /** Batches whose execution runs. */
  readonly running: ReadonlySet<string>;
  /** Rows that Snowflake shows, by batch; undefined where there is no warehouse or no login to it. */
  readonly warehouse: WarehouseRows | undefined;
  /** What connectors have noted. */
  readonly fetched: readonly FetchedList[];
}

const FOOTERS_AT_ONCE = 16;
const PATH = /^(?<table>[^/]+)\/ingest_date=(?<ingestDate>[^/]+)\/batch_id=(?<id>[^/]+)\/part-[^/]*\.parquet$/;

/** Versions of objects below a prefix of the raw bucket that are not deleted. */
export async function rawVersions({ s3, outputs }: Deployment, prefix = REVIEWS_PREFIX): Promise<Arrival[]> {
  const bucket = outputs.RawBucketName;
  const found: Arrival[] = [];
  // The SDK has no paginator of this call.
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (from) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...from }),
    );
    for (const { Key: key, VersionId: versionId, Size: sizeBytes, ETag, LastModified } of page.Versions ?? []) {
      if (!key || !versionId || key.endsWith('/')) continue;
      const arrivedAt = (LastModified ?? new Date()).toISOString();
      found.push({ bucket, key, versionId, sizeBytes, etag: ETag?.replaceAll('"', ''), arrivedAt });
    }
    from = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
  return found;
}

/** Rows of a Parquet file, of which only the footer is read. */
async function rowsOf({ s3, outputs }: Deployment, key: string, byteLength: number): Promise<number> {
  const slice = async (first: number, end = byteLength): Promise<ArrayBuffer> => {
    const Range = `bytes=${first}-${end - 1}`;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.ProcessedBucketName, Key: key, Range }));
    const bytes = await Body?.transformToByteArray();
    if (!bytes) throw new Error(`${key}: no content.`);
    return bytes.slice().buffer;
  };
  return Number((await parquetMetadataAsync({ byteLength, slice })).num_rows);
}

async function publishedFolders(deployment: Deployment): Promise<PublishedBatch[]> {
  const { s3, outputs } = deployment;
  const found: { key: string; size: number; table: TableName; ingestDate: string; id: string }[] = [];
  for (const table of FLATTENED_TABLES) {
    const place = { Bucket: outputs.ProcessedBucketName, Prefix: `${TABLES_PREFIX}${table}/` };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
      for (const { Key: key = '', Size: size = 0 } of Contents) {
        const { ingestDate, id } = PATH.exec(key.slice(TABLES_PREFIX.length))?.groups ?? {};
        if (ingestDate && id) found.push({ key, size, table, ingestDate, id });
      }
    }
  }
  const counted = await mapConcurrently(found, FOOTERS_AT_ONCE, async (object) => ({
    ...object,
    rows: COUNTED.includes(object.table as Counted) ? await rowsOf(deployment, object.key, object.size) : 0,
  }));
  return [...Map.groupBy(counted, ({ id }) => id)].map(([id, objects]) => ({
    id,
    ingestDate: objects[0]?.ingestDate ?? '',
    objects: objects.length,
    rows: Object.fromEntries(
      COUNTED.map((table) => [
        table,
        objects.reduce((sum, object) => (object.table === table ? sum + object.rows : sum), 0),
      ]),
    ) as RowCounts,
  }));
}

/** Whether the folder of a compaction holds the rows that its announcement names. */
function isWhole({ id, rows }: Compaction, folders: ReadonlyMap<string, PublishedBatch>): boolean {
  return COUNTED.every((table) => {
    const announced = [...rows.values()].reduce((sum, of) => sum + (of[table] ?? 0), 0);
    return announced === (folders.get(id)?.rows[table] ?? 0);
  });
}

/** The batches with files of their own, and those whose rows a compaction holds. */
function batchesIn(folders: readonly PublishedBatch[], { compactions, holders }: Compacted): PublishedBatch[] {
  const byId = new Map(folders.map((folder) => [folder.id, folder]));
  const whole = new Set(compactions.filter((compaction) => isWhole(compaction, byId)));
  const held = new Map([...holders].filter(([, compaction]) => whole.has(compaction)));
  const own = folders.filter(({ id }) => !id.endsWith(COMPACTED_SUFFIX) && !held.has(id));
  const compacted = [...held].map(([id, { ingestDate, rows }]) => ({
    ...{ id, ingestDate, objects: 0, rows: countedOf(rows.get(id)) },
  }));
  return [...own, ...compacted];
}

async function toldBatches({ s3, outputs }: Deployment): Promise<Set<string>> {
  const told = new Set<string>();
  const place = { Bucket: outputs.ProcessedBucketName, Prefix: `${TABLES_PREFIX}file_events/` };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
    for (const { Key: key = '' } of Contents) {
      const { id } = PATH.exec(key.slice(TABLES_PREFIX.length))?.groups ?? {};
      if (id && key.endsWith('/part-outcome.parquet')) told.add(id);
    }
  }
  return told;
}

async function runningBatches({ sfn, outputs }: Deployment): Promise<Set<string>> {
  const running = new Set<string>();
  const query = { stateMachineArn: outputs.ReviewIntakeStateMachineArn, statusFilter: 'RUNNING' as const };
  for await (const { executions = [] } of paginateListExecutions({ client: sfn }, query)) {
    for (const { executionArn, startDate } of executions) {
      if (!executionArn || !startDate) continue;
      running.add(batchOf({ arn: executionArn, startTime: startDate.toISOString() }).id);
    }
  }
  return running;
}

/** Asks every part of the platform, the running executions first: one that ends meanwhile then counts as running, not as stuck. */
export async function stateOf(deployment: Deployment): Promise<PlatformState> {
  const now = new Date();
  const running = await runningBatches(deployment);
  // Before the objects: what is fetched meanwhile is then there, and not yet noted.
  const fetched = await fetchedLists(deployment);
  const [versions, entries, files, compacted, told, warehouse] = await Promise.all([
    rawVersions(deployment),
    filesByStatus(deployment, { since: new Date(0) }),
    publishedFolders(deployment),
    readCompactions(deployment),
    toldBatches(deployment),
    warehouseRows(deployment),
  ]);
  const announced = new Map(compacted.compactions.map(({ id, announcedAt }) => [id, { announcedAt }]));
  const folders = files.map((folder) => ({ ...folder, ...announced.get(folder.id) }));
  return { now, versions, entries, batches: batchesIn(folders, compacted), folders, told, running, warehouse, fetched };
}
