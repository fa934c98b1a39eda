import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Batch, tablePartitionPrefix } from '../../contracts/object-keys';
import { type TableName, tables } from '../../contracts/tables';
import { s3 } from '../storage/s3';
import { type LedgerEntry, objectVersionOf } from './entry';
import { eventId } from './identity';
import { type ParquetRow, parquetFile } from './parquet';

/** The step of an execution, or the operator's command, that reports changes of state: each has a file of its own in the batch's partition. */
export type Phase = 'registered' | 'outcome' | 'failed' | 'erased';

function long(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value);
}

/** Rows that the jobs have written of a batch, by table: what a reader must see before the batch counts. */
export type BatchRows = Readonly<Partial<Record<TableName, number>>>;

/** The row of `file_events` that says how a file entered the state of `entry`. */
export function fileEvent(entry: LedgerEntry, batchRows?: BatchRows): ParquetRow {
  const { bucket, key, versionId } = objectVersionOf(entry);
  return {
    event_id: eventId({ fileId: entry.file_id, batchId: entry.batch_id, attempt: entry.attempt, status: entry.status }),
    file_id: entry.file_id,
    bucket,
    key,
    version_id: versionId,
    size_bytes: long(entry.size_bytes),
    etag: entry.etag ?? null,
    arrived_at: new Date(entry.arrived_at),
    source: entry.source ?? null,
    status: entry.status,
    reason: entry.reason ?? null,
    detail: entry.detail ?? null,
    records_read: long(entry.records_read),
    records_published: long(entry.records_published),
    records_rejected: long(entry.records_rejected),
    records_duplicate: long(entry.records_duplicate),
    records_deleted: long(entry.records_deleted),
    rejected_by_reason: entry.rejected_by_reason ? JSON.stringify(entry.rejected_by_reason) : null,
    batch_rows: batchRows ? JSON.stringify(batchRows) : null,
    execution_arn: entry.execution_arn,
    attempt: entry.attempt,
    occurred_at: new Date(entry.updated_at),
    triggered_by: entry.triggered_by ?? null,
    replaces_batch_id: entry.replaces?.batch_id ?? null,
  };
}

/**
 * Publishes changes of state of a batch's files; a retried task overwrites what it wrote before.
 *
 * @param client client of S3; by default that of the function itself
 */
export async function publishFileEvents(
  bucket: string,
  batch: Batch,
  phase: Phase,
  entries: readonly LedgerEntry[],
  { batchRows, client = s3 }: { readonly batchRows?: BatchRows; readonly client?: S3Client } = {},
): Promise<void> {
  if (entries.length === 0) {
    return;
  }
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: `${tablePartitionPrefix('file_events', batch)}part-${phase}.parquet`,
      Body: parquetFile(
        tables.file_events,
        entries.map((entry) => fileEvent(entry, batchRows)),
      ),
      ContentType: 'application/vnd.apache.parquet',
    }),
  );
}
