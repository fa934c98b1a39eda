import { outcomes } from '../../lib/contracts/outcomes';
import type { Deployment } from '../deployment';
import { newestVersion, reasonOf } from '../ledger-queries';
import { OperatorError } from '../operator-error';
import { publishedRows } from '../published-rows';

/** Reads `<key>#<record>`; a key may hold `#` itself. */
function readPlace(place: string): { key: string; record: bigint } {
  const { key, record } = /^(?<key>.+)#(?<record>[1-9]\d*)$/.exec(place)?.groups ?? {};
  if (!key || !record) {
    throw new OperatorError(
      `"${place}" names no record.`,
      'Give the key, # and the number of the record in the file, from 1: reviews/native/a.jsonl#17',
    );
  }
  return { key, record: BigInt(record) };
}

/** What happened to one record of the newest version of a file. */
export async function why(deployment: Deployment, place: string): Promise<string> {
  const { key, record } = readPlace(place);
  const entry = await newestVersion(deployment, key);
  const name = `Record ${record} of ${key}`;
  if (entry.records_read === undefined) {
    return `${name}: no record of the file was processed. It is ${entry.status}: ${reasonOf(entry)}`;
  }
  if (record > BigInt(entry.records_read)) return `${name}: the file has ${entry.records_read} records only.`;

  const isRecord = (row: Readonly<Record<string, unknown>>) => BigInt(row.record_number as bigint) === record;
  const rejected = (await publishedRows(deployment, 'rejected_records', entry, ['record_number', 'reasons'])).find(
    isRecord,
  );
  if (rejected) {
    const reasons = (rejected.reasons as string[]).map(
      (code) => `  ${code}: ${outcomes.recordReasons[code]?.description ?? ''}`,
    );
    return [`${name} was rejected:`, ...reasons, `See it with: rejects ${key} --show-personal-data`].join('\n');
  }
  const published = (await publishedRows(deployment, 'reviews', entry, ['record_number', 'review_key'])).find(isRecord);
  if (published) {
    return [
      `${name} is published as review ${published.review_key}, in batch ${entry.batch_id}.`,
      'A newer version of the same review, from a later file, may stand in its place in the presentation tables.',
    ].join('\n');
  }
  return `${name} is a duplicate: another record with the same review key in batch ${entry.batch_id} is newer, or equal to it.`;
}
