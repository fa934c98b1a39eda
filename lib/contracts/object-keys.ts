import { REVIEWS_PREFIX, TABLES_PREFIX, WORK_PREFIX } from './prefixes';
import type { TableName } from './tables';

// The names in S3 (docs/architecture.md, "Names in S3"): built here and nowhere else. Keys are those of the processed bucket.

/** Reports of compactions in the work area. */
export const COMPACTION_REPORTS = `${WORK_PREFIX}compaction/`;

/** Announcements of compactions, and marks of replaced batches. */
export const COMPACTIONS_PREFIX = `${TABLES_PREFIX}compactions/`;

/** Ends the id of every compaction, which else looks like a batch's. */
export const COMPACTED_SUFFIX = '-compacted';

/** A batch: what one execution registers and publishes together. */
export interface Batch {
  /** `<yyyymmddThhmmssZ>-<8 hexadecimal digits>` */
  readonly id: string;
  /** UTC date of the execution's start, `yyyy-mm-dd`. */
  readonly ingestDate: string;
}

/** Work area of a batch; S3 lets it expire. */
export function workPrefix(batchId: string): string {
  return `${WORK_PREFIX}batch=${batchId}/`;
}

/** List of the batch's files, for the jobs. */
export function manifestKey(batchId: string): string {
  return `${workPrefix(batchId)}manifest.json`;
}

/** What the run of a job took. */
export function jobRunKey(batchId: string, job: string): string {
  return `${workPrefix(batchId)}${job}-run.json`;
}

/** Figures of the flatten job, which the ledger takes. */
export function outcomeKey(batchId: string): string {
  return `${workPrefix(batchId)}outcome.json`;
}

/** What a compaction has done, by the name of its execution. */
export function compactionReportKey(executionName: string): string {
  return `${COMPACTION_REPORTS}${executionName}.json`;
}

/** Copy of a received file under a name that Spark reads correctly: Spark goes by the suffix alone. */
export function workFileKey(batchId: string, fileId: string, form: { lines: boolean; gzip: boolean }): string {
  return `${workPrefix(batchId)}files/${fileId}.${form.lines ? 'jsonl' : 'json'}${form.gzip ? '.gz' : ''}`;
}

/** Where a batch publishes its rows of a table; with the slash at the end. */
export function tablePartitionPrefix(table: TableName, batch: Batch): string {
  return `${TABLES_PREFIX}${table}/ingest_date=${batch.ingestDate}/batch_id=${batch.id}/`;
}

/**
 * Says that a batch was replaced, so that the next compaction leaves its rows out of the large files. Its name is not one that
 * external tables take.
 */
export function withdrawnMarkKey(batch: Batch): string {
  return `${tablePartitionPrefix('compactions', batch)}_withdrawn`;
}

/** `s3://<bucket>/<key>` */
export function s3Uri(bucket: string, key: string): string {
  return `s3://${bucket}/${key}`;
}

/** Name of the source in a received key `reviews/<source>/<anything>`; undefined where no folder follows the prefix. */
export function sourceFolder(receivedKey: string): string | undefined {
  if (!receivedKey.startsWith(REVIEWS_PREFIX)) {
    return undefined;
  }
  const [folder, ...rest] = receivedKey.slice(REVIEWS_PREFIX.length).split('/');
  return rest.length > 0 && folder ? folder : undefined;
}
