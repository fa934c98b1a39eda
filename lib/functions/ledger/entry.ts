import * as z from 'zod';
import { FILE_REASONS, FILE_STATUSES, type FileStatus } from '../../contracts/outcomes';
import type { ObjectVersion } from './identity';

/** Figures of a file: `recordsRead = published + duplicates + deleted + Σ rejected`. */
export interface RecordCounts {
  readonly recordsRead: number;
  readonly published: number;
  readonly duplicates: number;
  /** Records that say which review was deleted. */
  readonly deleted: number;
  readonly rejected: Readonly<Record<string, number>>;
}

/** Records rejected for any reason. */
export function rejectedTotal(counts: Pick<RecordCounts, 'rejected'>): number {
  return Object.values(counts.rejected).reduce((sum, count) => sum + count, 0);
}

const count = z.int().nonnegative();

/** What a file was before a replay took it: its row goes back to this where the replay fails. */
const publicationSchema = z.object({
  status: z.enum(FILE_STATUSES),
  reason: z.enum(FILE_REASONS).optional(),
  detail: z.string().optional(),
  source: z.string().optional(),
  checksum: z.string().optional(),
  records_stated: count.optional(),
  batch_id: z.string(),
  ingest_date: z.string(),
  execution_arn: z.string(),
  records_read: count,
  records_published: count.optional(),
  records_rejected: count.optional(),
  records_duplicate: count.optional(),
  records_deleted: count.optional(),
  rejected_by_reason: z.record(z.string(), count).optional(),
});
export type Publication = z.infer<typeof publicationSchema>;

/**
 * A row of the ledger as DynamoDB holds it: one object version (docs/architecture.md, "Ledger"). Times are ISO 8601, UTC,
 * with milliseconds, so that they sort as text. Without `status_shard`, by which only the index is read.
 */
export const ledgerEntrySchema = z.object({
  /** Partition key, `<bucket>/<key>`: a bucket's name holds no slash, so the first one divides them. */
  object: z.string(),
  /** Sort key. */
  version_id: z.string(),
  file_id: z.string(),
  status: z.enum(FILE_STATUSES),
  reason: z.enum(FILE_REASONS).optional(),
  detail: z.string().optional(),
  source: z.string().optional(),
  size_bytes: count.optional(),
  etag: z.string().optional(),
  checksum: z.string().optional(),
  /** How many records its producer says that it holds. */
  records_stated: count.optional(),
  arrived_at: z.iso.datetime(),
  received_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  batch_id: z.string(),
  ingest_date: z.string(),
  execution_arn: z.string(),
  attempt: z.int().positive(),
  records_read: count.optional(),
  records_published: count.optional(),
  records_rejected: count.optional(),
  records_duplicate: count.optional(),
  records_deleted: count.optional(),
  rejected_by_reason: z.record(z.string(), count).optional(),
  /** What made the execution start, where it was not the file's arrival. */
  triggered_by: z.string().optional(),
  /** Of a version that is processed again: its earlier outcome, which the new one replaces. */
  replaces: publicationSchema.optional(),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** Primary key of an object version's row. */
export function primaryKey({ bucket, key, versionId }: ObjectVersion): Pick<LedgerEntry, 'object' | 'version_id'> {
  return { object: `${bucket}/${key}`, version_id: versionId };
}

/** The outcome of a row, as a replay keeps it; undefined where the jobs have read nothing of the file. */
export function publicationOf(entry: LedgerEntry): Publication | undefined {
  return publicationSchema.safeParse(entry).data;
}

/** The object version that a row is about. */
export function objectVersionOf(entry: Pick<LedgerEntry, 'object' | 'version_id'>): ObjectVersion {
  const slash = entry.object.indexOf('/');
  return { bucket: entry.object.slice(0, slash), key: entry.object.slice(slash + 1), versionId: entry.version_id };
}

/** How many of the rows are in which state. */
export function countByStatus(entries: readonly Pick<LedgerEntry, 'status'>[]): Partial<Record<FileStatus, number>> {
  const counts: Partial<Record<FileStatus, number>> = {};
  for (const { status } of entries) {
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
