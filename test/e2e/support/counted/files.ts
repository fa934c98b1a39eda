import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DroppedFile } from '../../../../local/run/drop';
import { type KnownReview, newest } from '../known-reviews';
import { dateOf, type Row, ratio, sum } from './figures';

/** A file as it was dropped, and what it holds. */
export interface CountedFile {
  readonly dropped: DroppedFile;
  readonly source: string;
  readonly reviews: readonly KnownReview[];
  /** Its other records, by the reason for which they are rejected. */
  readonly rejected: Readonly<Record<string, number>>;
  /** DUPLICATE: the same bytes under the same key once more. */
  readonly status: 'PUBLISHED' | 'DUPLICATE';
}

const sizeOf = ({ dropped }: CountedFile): number => readFileSync(dropped.path).length;
const isRead = ({ status }: CountedFile): boolean => status === 'PUBLISHED';
/** The source that the platform knows of a file: it does not look into one whose bytes it knows. */
const sourceOf = (file: CountedFile): string | null => (isRead(file) ? file.source : null);
const publishedBy = (file: CountedFile): KnownReview[] => (isRead(file) ? newest(file.reviews) : []);
const rejectedBy = (file: CountedFile): number => (isRead(file) ? sum(Object.values(file.rejected)) : 0);

const figures = (file: CountedFile) => ({
  records_read: isRead(file) ? file.reviews.length + rejectedBy(file) : 0,
  records_published: publishedBy(file).length,
  records_rejected: rejectedBy(file),
  records_duplicate: isRead(file) ? file.reviews.length - publishedBy(file).length : 0,
  records_deleted: 0,
});

/** How many current reviews each file holds: of each review the newest version, on a tie that of the last load. */
function currentReviews(files: readonly CountedFile[]): Map<CountedFile, number> {
  const fileOf = new Map(files.flatMap((file) => publishedBy(file).map((review) => [review, file] as const)));
  const current = newest([...fileOf.keys()]).map((review) => fileOf.get(review) as CountedFile);
  return new Map([...Map.groupBy(current, (file) => file)].map(([file, of]) => [file, of.length]));
}

/** `file_audit` without what only the run itself knows: times, executions and batches. */
export function fileAudit(files: readonly CountedFile[], bucket: string): Row[] {
  const current = currentReviews(files);
  return files.map((file) => {
    const { key, versionId } = file.dropped;
    const ofFile = current.get(file) ?? 0;
    return {
      file_id: createHash('sha256').update(`${bucket}\n${key}\n${versionId}`).digest('hex').slice(0, 32),
      bucket_name: bucket,
      object_key: key,
      version_id: versionId,
      source_name: sourceOf(file),
      size_bytes: sizeOf(file),
      status: file.status,
      is_final: true,
      reason: isRead(file) ? null : 'SAME_CONTENT',
      attempt_count: 1,
      ...figures(file),
      current_review_count: ofFile,
      current_product_count: 0,
      superseded_review_count: publishedBy(file).length - ofFile,
      kept_rejection_count: rejectedBy(file),
      needs_attention: false,
    };
  });
}

/** `source_quality_daily` without latencies; of the reasons only those that occur. */
export function sourceQualityDaily(files: readonly CountedFile[]): Row[] {
  const groups = Map.groupBy(files, (file) =>
    JSON.stringify({ source_name: sourceOf(file) ?? 'unknown', arrived_on: dateOf(file.dropped.droppedAt) }),
  );
  return [...groups].map(([keys, of]) => {
    const total = (name: keyof ReturnType<typeof figures>) => sum(of.map((file) => figures(file)[name]));
    const none = ['empty', 'quarantined', 'rejected', 'failed', 'erased', 'unfinished'];
    const names = Object.keys(figures(of[0] as CountedFile)) as (keyof ReturnType<typeof figures>)[];
    const rejected = (reason: string) => sum(of.map((file) => (isRead(file) ? (file.rejected[reason] ?? 0) : 0)));
    return {
      ...JSON.parse(keys),
      file_count: of.length,
      published_file_count: of.filter(isRead).length,
      duplicate_file_count: of.filter((file) => !isRead(file)).length,
      ...Object.fromEntries(none.map((status) => [`${status}_file_count`, 0])),
      size_bytes: sum(of.map(sizeOf)),
      ...Object.fromEntries(names.map((name) => [name, total(name)])),
      rejected_share: ratio(total('records_rejected'), total('records_read')),
      rejected_rating_invalid: rejected('RATING_INVALID'),
      rejected_malformed_json: rejected('MALFORMED_JSON'),
      rejected_missing_id: 0,
    };
  });
}
