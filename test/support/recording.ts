import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Batch } from '../../lib/contracts/object-keys';
import { batchOf, fileId } from '../../lib/functions/ledger/identity';
import { handler as registerFiles } from '../../lib/functions/register-files/handler';
import { context, execution, type FakePipeline, type Received } from './pipeline';

/** The batch of `execution()`. */
export const BATCH = batchOf(execution());

/** A readable review, one line. */
export const REVIEW = '{"reviewerID": "a", "asin": "b", "overall": 5.0, "unixReviewTime": 1}\n';

/** Registers files under the execution of that name. */
export function register(files: readonly Received[], name?: string) {
  return registerFiles({ execution: execution(name), input: files.map(({ event }) => event) }, context);
}

interface Figures {
  readonly recordsRead: number;
  readonly published: number;
  readonly duplicates: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly firstRejected?: Readonly<Record<string, { readonly record: number; readonly detail?: string }>>;
  /** Why the jobs failed on the file alone. */
  readonly failure?: string;
}

/** Writes what the jobs write: the outcome, and a file of every table of the batch. */
export function runJobs(
  pipeline: FakePipeline,
  figures: readonly (readonly [Received, Figures])[],
  batch: Batch = BATCH,
): void {
  const files = figures.map(([{ key, versionId }, counts]) => ({
    fileId: fileId({ bucket: 'raw', key, versionId }),
    ...counts,
  }));
  const reviews = figures.reduce((sum, [, { published }]) => sum + published, 0);
  pipeline.putDocument(`work/batch=${batch.id}/outcome.json`, { batchId: batch.id, files, tables: { reviews } });
  for (const table of ['reviews', 'rejected_records']) {
    pipeline.putDocument(`${partition(table, batch.id)}part-00000.zstd.parquet`, {});
  }
}

/** Where the batch publishes a table. */
export function partition(table: string, batchId = BATCH.id): string {
  return `tables/${table}/ingest_date=2026-11-21/batch_id=${batchId}/`;
}

/** The file events of a phase, as Parquet has them. */
export async function fileEvents(
  pipeline: FakePipeline,
  phase: string,
  batch: Batch = BATCH,
): Promise<Record<string, unknown>[]> {
  const bytes = pipeline.s3.objects.get(`processed/${partition('file_events', batch.id)}part-${phase}.parquet`);
  return bytes ? parquetReadObjects({ file: bytes.slice().buffer, compressors }) : [];
}
