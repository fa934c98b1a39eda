import { outcomes } from '../../lib/contracts/outcomes';
import { sources } from '../../lib/contracts/sources';
import type { LedgerEntry, Publication } from '../../lib/functions/ledger/entry';
import { objectVersionOf } from '../../lib/functions/ledger/entry';
import { fileId, startOfBatch } from '../../lib/functions/ledger/identity';
import type { Arrival } from '../../lib/functions/ledger/ledger';
import { fetchedOtherwise } from './fetched';
import { COUNTED, type Counted, countedOf, type PlatformState, type PublishedBatch, type RowCounts } from './state';

/** Kinds of differences between the parts of the platform. */
export const KINDS = {
  MISSED: 'in the raw bucket, and unknown to the ledger',
  STUCK: 'under way in the ledger, and no execution works on it',
  ORPHANED: 'in the published tables, and in no outcome of the ledger',
  UNTOLD: 'in the ledger with their outcome, and not in the file events, by which dbt counts',
  HALF_PUBLISHED: 'published with other rows than the ledger says',
  NOT_IN_WAREHOUSE: 'published, and Snowflake shows other rows',
  FETCHED_OTHERWISE: 'lists of connectors, of which other records have arrived than were fetched',
  MISCOUNTED: 'read, with another number of records than their producer has put in',
} as const;

/** One difference, with what its repair needs. */
export type Finding = { readonly detail: string } & (
  | { readonly kind: 'MISSED'; readonly version: Arrival }
  | { readonly kind: 'STUCK'; readonly entry: LedgerEntry }
  | { readonly kind: 'ORPHANED'; readonly batch: PublishedBatch }
  | { readonly kind: 'UNTOLD'; readonly batchId: string }
  | { readonly kind: 'HALF_PUBLISHED'; readonly batchId: string }
  | { readonly kind: 'NOT_IN_WAREHOUSE'; readonly batchId: string }
  | { readonly kind: 'FETCHED_OTHERWISE' }
  | { readonly kind: 'MISCOUNTED' }
);

/** Whether `repair` can do something about it; of the others each says what to do. */
export const isRepairable = ({ kind }: Finding): boolean => kind !== 'FETCHED_OTHERWISE' && kind !== 'MISCOUNTED';

/** A younger file may still be on its way into an execution (milliseconds): the longest window of a batch, and its delivery. */
const ON_ITS_WAY_MS = 15 * 60 * 1000;

/** Snowflake hears about a new file within about a minute (milliseconds). */
const SEEN_MS = 5 * 60 * 1000;

const NOTHING = countedOf();

/** The published outcome by the ledger's row: its outcome, or the earlier one while a replay runs. */
const outcomeOf = (entry: LedgerEntry): Publication | LedgerEntry | undefined =>
  entry.records_read === undefined ? entry.replaces : entry;

/** The table that has a row for each record published of a file; undefined of a catalogue, whose products may be fewer. */
function tableOf({ source = '' }: Publication | LedgerEntry): Counted | undefined {
  const contract = sources.get(source);
  return contract?.productsOf === undefined ? (contract?.records ?? 'reviews') : undefined;
}

/** Rows that each batch should have in the published tables. */
function expectedRows(entries: readonly LedgerEntry[]): Map<string, RowCounts> {
  const expected = new Map<string, RowCounts>();
  for (const outcome of entries.map(outcomeOf)) {
    if (!outcome) continue;
    const before = expected.get(outcome.batch_id) ?? NOTHING;
    const table = tableOf(outcome);
    expected.set(outcome.batch_id, {
      ...before,
      ...(table && { [table]: before[table] + (outcome.records_published ?? 0) }),
      rejected_records: before.rejected_records + (outcome.records_rejected ?? 0),
    });
  }
  return expected;
}

const differ = (one: RowCounts, other: RowCounts): boolean => COUNTED.some((table) => one[table] !== other[table]);

/** The counts in words; customers and cases only where there are any. */
const words = ({ reviews, customers, support_cases: cases, rejected_records: rejected }: RowCounts): string =>
  [
    `${reviews} reviews`,
    ...(customers ? [`${customers} customers`] : []),
    ...(cases ? [`${cases} cases`] : []),
    `${rejected} rejected`,
  ].join(', ');

const isUnderWay = ({ status }: LedgerEntry): boolean => !outcomes.fileStatuses[status].terminal;

function missed({ versions, entries, now }: PlatformState, graceMs: number): Finding[] {
  const known = new Set(entries.map(({ file_id }) => file_id));
  return versions
    .filter((version) => !known.has(fileId(version)) && Number(now) - Date.parse(version.arrivedAt) > graceMs)
    .map((version) => ({ kind: 'MISSED', version, detail: `${version.key}, version ${version.versionId}` }));
}

function stuck({ entries, running }: PlatformState): Finding[] {
  return entries
    .filter((entry) => isUnderWay(entry) && !running.has(entry.batch_id))
    .map((entry) => ({
      kind: 'STUCK',
      entry,
      detail: `${objectVersionOf(entry).key}: ${entry.status} since ${entry.updated_at}, in batch ${entry.batch_id}`,
    }));
}

function publishedOtherwise(state: PlatformState, graceMs: number): Finding[] {
  const expected = expectedRows(state.entries);
  const found = new Map(state.batches.map((batch) => [batch.id, batch]));
  // An execution that still works on them, or that will be marked FAILED, cleans up by itself.
  const unfinished = new Set(state.entries.filter(isUnderWay).map(({ batch_id }) => batch_id));
  const settled = (id: string) => !state.running.has(id) && !unfinished.has(id);
  const orphaned = state.batches
    .filter(
      ({ id, objects }) =>
        objects > 0 && !expected.has(id) && settled(id) && Number(startOfBatch(id)) + graceMs < Number(state.now),
    )
    .map(
      (batch): Finding => ({
        kind: 'ORPHANED',
        batch,
        detail: `batch ${batch.id}: ${batch.objects} objects, ${words(batch.rows)}`,
      }),
    );
  const half = [...expected].flatMap(([batchId, rows]): Finding[] => {
    const there = found.get(batchId)?.rows ?? NOTHING;
    if (!settled(batchId) || !differ(there, rows)) return [];
    const detail = `batch ${batchId}: ${words(there)}; the ledger says ${words(rows)}`;
    return [{ kind: 'HALF_PUBLISHED', batchId, detail }];
  });
  return [...orphaned, ...half];
}

function untold({ entries, told, running }: PlatformState): Finding[] {
  const recorded = entries.filter(({ records_read }) => records_read !== undefined);
  return [...Map.groupBy(recorded, ({ batch_id }) => batch_id)]
    .filter(([batchId]) => !told.has(batchId) && !running.has(batchId))
    .map(([batchId, files]) => ({ kind: 'UNTOLD', batchId, detail: `batch ${batchId}: ${files.length} files` }));
}

function unseen({ folders, warehouse, entries, running, now }: PlatformState): Finding[] {
  if (!warehouse) return [];
  const changed = Map.groupBy(entries, ({ batch_id }) => batch_id);
  const recently = (id: string) =>
    (changed.get(id) ?? []).some(({ updated_at }) => Number(now) - Date.parse(updated_at) < SEEN_MS) ||
    Number(now) - Number(announced.get(id) ?? 0) < SEEN_MS;
  const there = new Map(folders.map(({ id, rows }) => [id, rows]));
  const announced = new Map(folders.map(({ id, announcedAt }) => [id, announcedAt]));
  return [...new Set([...there.keys(), ...warehouse.keys()])].flatMap((batchId): Finding[] => {
    const published = there.get(batchId) ?? NOTHING;
    const shown = warehouse.get(batchId) ?? NOTHING;
    if (running.has(batchId) || recently(batchId) || !differ(published, shown)) return [];
    const detail = `batch ${batchId}: ${words(published)}; Snowflake shows ${words(shown)}`;
    return [{ kind: 'NOT_IN_WAREHOUSE', batchId, detail }];
  });
}

function miscounted({ entries }: PlatformState): Finding[] {
  return entries
    .filter(({ records_stated: stated, records_read: read }) => stated !== undefined && (read ?? stated) !== stated)
    .map((entry) => ({
      kind: 'MISCOUNTED',
      detail: `${objectVersionOf(entry).key}: ${entry.records_read} records read; its producer put in ${entry.records_stated}`,
    }));
}

/**
 * The differences between the parts of the platform.
 *
 * @param graceMs how young files and batches may be that the ledger does not know yet (milliseconds)
 */
export function disagreements(state: PlatformState, graceMs = ON_ITS_WAY_MS): Finding[] {
  return [
    ...missed(state, graceMs),
    ...stuck(state),
    ...publishedOtherwise(state, graceMs),
    ...untold(state),
    ...unseen(state),
    ...fetchedOtherwise(state.fetched, state.versions, state.entries),
    ...miscounted(state),
  ];
}
