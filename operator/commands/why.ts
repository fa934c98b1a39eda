import { outcomes } from '../../lib/contracts/outcomes';
import type { TableName } from '../../lib/contracts/tables';
import { type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import type { Deployment } from '../deployment';
import { newestVersion, reasonOf } from '../ledger-queries';
import { OperatorError } from '../operator-error';
import type { Row } from '../parquet-objects';
import { publishedRows } from '../published-rows';
import { json } from '../text';

/** Reads `<key>#<record>`; a key may hold `#` itself. */
function readPlace(place: string): { key: string; record: bigint } {
  const { key, record } = /^(?<key>.+)#(?<record>[1-9]\d*)$/.exec(place)?.groups ?? {};
  if (!key || !record) {
    throw new OperatorError(
      `"${place}" names no record.`,
      'Give the key, # and the number of the record in the file, from 1: reviews/native/a.jsonl#17; or the key of a review, 64 hexadecimal digits.',
    );
  }
  return { key, record: BigInt(record) };
}

/** What happened to a record; `NOT_PROCESSED`: no record of its file was processed; `NOT_THERE`: the file has fewer records. */
interface Fate {
  readonly key: string;
  readonly record: number;
  readonly fate: 'PUBLISHED' | 'DELETION' | 'REJECTED' | 'DUPLICATE' | 'NOT_PROCESSED' | 'NOT_THERE';
  readonly batchId?: string | undefined;
  readonly reviewKey?: string;
  readonly reasons?: readonly string[];
}

/** Says what happened to one record of the newest version of a file. */
export async function why(deployment: Deployment, place: string, options: { json?: true } = {}): Promise<string> {
  const { key, record } = readPlace(place);
  const entry = await newestVersion(deployment, key);
  const fate = await fateOf(deployment, entry, record);
  return options.json ? json(fate) : describe(fate, entry);
}

async function fateOf(deployment: Deployment, entry: LedgerEntry, record: bigint): Promise<Fate> {
  const { key } = objectVersionOf(entry);
  const found = { key, record: Number(record), batchId: entry.batch_id };
  if (entry.records_read === undefined) return { ...found, fate: 'NOT_PROCESSED' };
  if (record > BigInt(entry.records_read)) return { ...found, fate: 'NOT_THERE' };

  const rowOf = async (table: TableName, column: string): Promise<Row | undefined> =>
    (await publishedRows(deployment, table, entry, ['record_number', column])).find(
      (row) => BigInt(row.record_number as bigint) === record,
    );
  const rejected = await rowOf('rejected_records', 'reasons');
  if (rejected) return { ...found, fate: 'REJECTED', reasons: rejected.reasons as string[] };
  const published = await rowOf('reviews', 'review_key');
  if (published) return { ...found, fate: 'PUBLISHED', reviewKey: String(published.review_key) };
  const deletion = entry.records_deleted ? await rowOf('deleted_reviews', 'review_key') : undefined;
  if (deletion) return { ...found, fate: 'DELETION', reviewKey: String(deletion.review_key) };
  return { ...found, fate: 'DUPLICATE' };
}

function describe({ key, record, fate, batchId, reviewKey, reasons = [] }: Fate, entry: LedgerEntry): string {
  const name = `Record ${record} of ${key}`;
  switch (fate) {
    case 'NOT_PROCESSED':
      return `${name}: no record of the file was processed. It is ${entry.status}: ${reasonOf(entry)}`;
    case 'NOT_THERE':
      return `${name}: the file has ${entry.records_read} records only.`;
    case 'REJECTED':
      return [
        `${name} was rejected:`,
        ...reasons.map((code) => `  ${code}: ${outcomes.recordReasons[code]?.description ?? ''}`),
        `See it with: rejects ${key} --show-personal-data`,
      ].join('\n');
    case 'PUBLISHED':
      return [
        `${name} is published as review ${reviewKey}, in batch ${batchId}.`,
        `Whether a newer version from another file stands in its place: why ${reviewKey}`,
      ].join('\n');
    case 'DELETION':
      return `${name} says that review ${reviewKey} is deleted; batch ${batchId} took it out of the presentation tables.`;
    case 'DUPLICATE':
      return `${name} is a duplicate: another record with the same review key in batch ${batchId} is newer, or equal to it.`;
  }
}
