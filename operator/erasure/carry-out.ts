import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { type Batch, tablePartitionPrefix, workPrefix } from '../../lib/contracts/object-keys';
import { outcomes } from '../../lib/contracts/outcomes';
import { WORK_PREFIX } from '../../lib/contracts/prefixes';
import { FLATTENED_TABLES } from '../../lib/contracts/tables';
import type { LedgerEntry } from '../../lib/functions/ledger/entry';
import { publishFileEvents } from '../../lib/functions/ledger/file-events';
import { batchOf, type Execution, fileId, type ObjectVersion } from '../../lib/functions/ledger/identity';
import { type Arrival, Ledger } from '../../lib/functions/ledger/ledger';
import { LedgerRows } from '../../lib/functions/ledger/ledger-rows';
import { removeAll, withdrawReplaced } from '../../lib/functions/storage/withdrawal';
import { readCompactions } from '../compactions';
import type { Deployment } from '../deployment';
import { reasonOf, rowsOfBatch } from '../ledger-queries';
import { OperatorError } from '../operator-error';
import { publishedRows } from '../published-rows';
import { whenEnded } from '../reconcile/repair';
import { divided, FILES_PER_EXECUTION, startForVersions, startReplacement } from '../start-executions';
import { deleteVersion, putInPlace, restoreCurrent } from './raw-bucket';
import type { Held } from './search';

const POLL_MS = 2_000;
const AGAIN = 'Then run the same command again: it goes on where it was.';

/** Versions that Object Lock still keeps: they are hidden, and no other part of the platform knows them. */
export interface Remaining {
  readonly locked: readonly ObjectVersion[];
}

type Say = (line: string) => void;

/** Batches that are made again at one time: each starts runs of the Glue jobs. */
const BATCHES_AT_ONCE = 5;

/** A version without the person's records, in the raw bucket, and its records as the jobs will count them. */
interface Put {
  readonly version: Arrival;
  readonly records: number;
}

/** Puts the replacements of versions of one batch, and starts the execution that makes them a batch again. */
async function putBatch(deployment: Deployment, held: readonly Held[], rows: LedgerRows) {
  const put: Put[] = [];
  for (const { version, rewritten } of held) {
    if (!rewritten) continue;
    put.push({ version: await putInPlace(deployment, version, rewritten.path), records: rewritten.records });
  }
  const open: Arrival[] = [];
  for (const { version } of put) {
    const entry = await rows.read(version);
    // What an earlier call has started is processed already, or under way.
    if (!entry || entry.status === 'FAILED') open.push(version);
  }
  const executions: string[] = [];
  for (const versions of divided(open, FILES_PER_EXECUTION)) {
    executions.push(await startForVersions(deployment, versions, { trigger: 'erase' }));
  }
  return { put, executions };
}

/**
 * The replacement of each version with remaining records, after an execution has processed it. Versions of one batch come into one batch
 * again, and no others with them: of a review that a batch holds twice only the newest version is published, so another division would
 * show other edits.
 */
async function putAll(deployment: Deployment, held: readonly Held[], say: Say): Promise<void> {
  const rows = new LedgerRows(deployment.outputs.LedgerTableName, deployment.dynamoDb);
  const put: Put[] = [];
  const batches = [...Map.groupBy(held, ({ version, entry }) => entry?.batch_id ?? fileId(version)).values()];
  for (let first = 0; first < batches.length; first += BATCHES_AT_ONCE) {
    const executions: string[] = [];
    // One after the other: the oldest batch is to stay the one that was ingested first.
    for (const batch of batches.slice(first, first + BATCHES_AT_ONCE)) {
      const started = await putBatch(deployment, batch, rows);
      put.push(...started.put);
      executions.push(...started.executions);
      say(`${put.length} versions put without the person's records`);
    }
    await whenEnded(deployment, executions);
  }
  for (const [, [first, ...more]] of Map.groupBy(held, ({ version }) => version.key)) {
    if (!first) continue;
    const ofKey = [first, ...more];
    const ids = (some: readonly Held[]) => new Set(some.map(({ version }) => version.versionId));
    const gone = ofKey.filter(({ rewritten }) => !rewritten);
    await restoreCurrent(deployment, first.version, { erased: ids(ofKey), gone: ids(gone) });
  }
  for (const [index, { version, records }] of put.entries()) {
    let entry = await rows.read(version);
    while (!entry || !outcomes.fileStatuses[entry.status].terminal) {
      say(`${index} of ${put.length} of them are processed`);
      await sleep(POLL_MS);
      entry = await rows.read(version);
    }
    assertAccounted(entry, version, records);
  }
}

/** @throws OperatorError if a version was not processed as the search predicted; what it replaces is then still published */
function assertAccounted(entry: LedgerEntry, { key, versionId }: ObjectVersion, records: number): void {
  if (entry.status === 'DUPLICATE') return;
  if (entry.status === 'FAILED') {
    throw new OperatorError(
      `${key}: the version without the person's records, ${versionId}, FAILED: ${reasonOf(entry)} Nothing was erased of it yet.`,
      `Remove the cause. ${AGAIN}`,
    );
  }
  if (entry.records_read !== records) {
    throw new OperatorError(
      `${key}: the version without the person's records, ${versionId}, has ${entry.records_read ?? 0} records by the ledger, and ${records} by the search. Nothing was erased of it.`,
      '"files KEY" shows what happened to it; tell the developers.',
    );
  }
}

const hasOutcome = ({ records_read, status }: LedgerEntry): boolean =>
  records_read !== undefined && status !== 'FAILED';

/** Published tables whose rows are of a person, or name one by a key. */
const TABLES_OF_PERSONS = [
  'reviews',
  'reviewers',
  'customers',
  'support_cases',
  'rejected_records',
  'deleted_reviews',
] as const;

/** Whether the published tables still hold rows of a version, in the batch that its ledger row names. */
async function isPublished(deployment: Deployment, entry: LedgerEntry): Promise<boolean> {
  for (const table of TABLES_OF_PERSONS) {
    if ((await publishedRows(deployment, table, entry, [])).length > 0) return true;
  }
  return false;
}

/** Whether any output of the jobs for a batch is left, in its own files or in those of a compaction. */
async function isKept(deployment: Deployment, batch: Batch): Promise<boolean> {
  const { s3, outputs } = deployment;
  if ((await readCompactions(deployment, batch.ingestDate)).holders.has(batch.id)) return true;
  for (const table of FLATTENED_TABLES) {
    const place = { Bucket: outputs.ProcessedBucketName, Prefix: tablePartitionPrefix(table, batch) };
    const { KeyCount = 0, Contents = [] } = await s3.send(new ListObjectsV2Command({ ...place, MaxKeys: 1 }));
    if (KeyCount > 0 || Contents.length > 0) return true;
  }
  return false;
}

/** Files of a batch whose outcomes stay; waits until the index shows no outcome of the erased ones. */
async function staying(deployment: Deployment, batchId: string, erased: ReadonlySet<string>): Promise<LedgerEntry[]> {
  for (;;) {
    const rows = (await rowsOfBatch(deployment, batchId)).filter(hasOutcome);
    if (!rows.some(({ file_id }) => erased.has(file_id))) return rows;
    await sleep(POLL_MS);
  }
}

/** Replaces a batch that still holds rows of erased files by a batch of the files that stay. */
async function replaceBatch(deployment: Deployment, batchId: string, entries: readonly LedgerEntry[]): Promise<void> {
  const published = async (): Promise<boolean> => {
    for (const entry of entries) if (await isPublished(deployment, entry)) return true;
    return false;
  };
  if (!(await published())) return;
  await whenEnded(deployment, [await startReplacement(deployment, batchId, 'erase')]);
  if (await published()) {
    throw new OperatorError(
      `Batch ${batchId} could not be replaced by one of its other files; it is published as before.`,
      `See with "status" why its execution failed, and remove the cause. ${AGAIN}`,
    );
  }
}

/**
 * Takes the erased versions out of the published tables. A batch with other files is replaced by a batch of these alone. For a batch
 * without other files, an event says first that it no longer counts, and then its rows are removed.
 */
async function withdraw(
  deployment: Deployment,
  entries: readonly LedgerEntry[],
  execution: Execution,
  say: Say,
): Promise<void> {
  const erased = new Set(entries.map(({ file_id }) => file_id));
  const alone = new Map<string, Batch>();
  for (const [id, ofBatch] of Map.groupBy(entries, ({ batch_id }) => batch_id)) {
    const batch = { id, ingestDate: ofBatch[0]?.ingest_date ?? '' };
    if ((await staying(deployment, id, erased)).length > 0) {
      say(`batch ${id} is replaced by one of its other files`);
      await replaceBatch(deployment, id, ofBatch);
    } else if (await isKept(deployment, batch)) {
      alone.set(id, batch);
    }
  }
  const { ProcessedBucketName } = deployment.outputs;
  const told = entries.map((entry) => (alone.has(entry.batch_id) ? { ...entry, replaces: replacedOf(entry) } : entry));
  await publishFileEvents(ProcessedBucketName, batchOf(execution), 'erased', told, { client: deployment.s3 });
  for (const batch of alone.values()) await withdrawReplaced(ProcessedBucketName, batch, deployment.s3);
}

/** The batch that no longer counts, as a file event names it. */
const replacedOf = ({ batch_id, ingest_date, execution_arn }: LedgerEntry) => ({
  status: 'PUBLISHED' as const,
  batch_id,
  ingest_date,
  execution_arn,
  records_read: 0,
});

/** Removes the work areas of all batches that hold a copy of one of the files. */
async function removeWorkAreas({ s3, outputs }: Deployment, fileIds: ReadonlySet<string>): Promise<void> {
  const Bucket = outputs.ProcessedBucketName;
  const batches = new Set<string>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: WORK_PREFIX })) {
    for (const { Key = '' } of Contents) {
      const { batch, file } = /^work\/batch=(?<batch>[^/]+)\/files\/(?<file>[0-9a-f]+)\./.exec(Key)?.groups ?? {};
      if (batch && file && fileIds.has(file)) batches.add(batch);
    }
  }
  for (const batch of batches) await removeAll(Bucket, workPrefix(batch), s3);
}

/**
 * Erases what was found. It can be interrupted anywhere: the received versions are deleted last, so that the next search finds what is
 * left to do.
 */
export async function carryOut(
  deployment: Deployment,
  held: readonly Held[],
  principal: string,
  say: Say,
): Promise<Remaining> {
  await putAll(deployment, held, say);

  const startTime = new Date().toISOString();
  // With milliseconds in the name, so that the event of an earlier call in the same second stays.
  const execution = { arn: `${principal}/${startTime}`, startTime };
  const ledger = new Ledger(new LedgerRows(deployment.outputs.LedgerTableName, deployment.dynamoDb), execution);
  const erased: LedgerEntry[] = [];
  for (const { version, entry, rewritten } of held) {
    if (!entry) continue;
    const instead = rewritten ? 'a later version holds its other records' : 'it held no other records';
    const marked = await ledger.recordErasure(entry, `Records of a person were erased on request; ${instead}.`);
    if (!marked) {
      throw new OperatorError(`${version.key} was processed again meanwhile: nothing was erased of it yet.`, AGAIN);
    }
    erased.push(marked);
  }
  await withdraw(deployment, erased, execution, say);
  await removeWorkAreas(deployment, new Set(held.map(({ version }) => fileId(version))));

  const locked: ObjectVersion[] = [];
  for (const { version } of held) {
    try {
      await deleteVersion(deployment, version);
    } catch (error) {
      if (!deployment.settings.data.objectLock || (error as Error).name !== 'AccessDenied') throw error;
      locked.push(version);
    }
  }
  return { locked };
}
