import type { LedgerEntry } from '../lib/functions/ledger/entry';
import type { QualityOfDay, Records } from './records';

/** Name of files that no source contract recognises. */
const UNKNOWN = 'unknown';

/** Sums over files. */
export const recordsOf = (entries: readonly LedgerEntry[]): Records => ({
  read: sum(entries, 'records_read'),
  published: sum(entries, 'records_published'),
  duplicates: sum(entries, 'records_duplicate'),
  deleted: sum(entries, 'records_deleted'),
  rejected: sum(entries, 'records_rejected'),
});

type Figure =
  | 'records_read'
  | 'records_published'
  | 'records_duplicate'
  | 'records_deleted'
  | 'records_rejected'
  | 'size_bytes';

/** Sum of one figure over files; a figure that is not known yet counts as 0. */
export const sum = (entries: readonly LedgerEntry[], figure: Figure): number =>
  entries.reduce((total, entry) => total + (entry[figure] ?? 0), 0);

/** Rejected records of files by reason, the most frequent first. */
export function rejectedByReason(entries: readonly LedgerEntry[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { rejected_by_reason = {} } of entries) {
    for (const [reason, records] of Object.entries(rejected_by_reason))
      totals[reason] = (totals[reason] ?? 0) + records;
  }
  return Object.fromEntries(Object.entries(totals).sort(([, one], [, other]) => other - one));
}

/** Files by the name of their source. */
export const bySource = (entries: readonly LedgerEntry[]): [string, LedgerEntry[]][] =>
  [...Map.groupBy(entries, ({ source }) => source ?? UNKNOWN)].sort(([one], [other]) => one.localeCompare(other));

/** Figures of one source for each day with arrivals, the oldest first. */
export const qualityByDay = (entries: readonly LedgerEntry[]): QualityOfDay[] =>
  [...Map.groupBy(entries, ({ arrived_at }) => arrived_at.slice(0, 10))]
    .sort(([one], [other]) => one.localeCompare(other))
    .map(([day, files]) => ({ day, files: files.length, ...recordsOf(files) }));
