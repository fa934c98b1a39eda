import { readFileSync } from 'node:fs';
import { sourceDocuments } from '../../lib/contracts/source-documents';
import { firstRow } from '../../lib/functions/register-files/record-format';
import { OperatorError } from '../operator-error';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A record, and the part of a contract that describes its format. */
interface First {
  readonly record: Json;
  readonly form: Json;
}

/** First record of a file of JSON Lines, of an array of records, or of CSV with a header. */
export function firstRecord(path: string): First {
  const text = readFileSync(path, 'utf8');
  for (const read of [() => JSON.parse(text), () => JSON.parse(text.slice(0, text.indexOf('\n')))]) {
    try {
      const value: unknown = read();
      const record = Array.isArray(value) ? value[0] : value;
      if (isObject(record)) return { record, form: {} };
    } catch {
      // It may be in the other format.
    }
  }
  const row = firstRow(text.replace(/^\ufeff/, ''));
  if (row) {
    const csv = row.delimiter === ',' ? {} : { csv: { delimiter: row.delimiter } };
    return { record: row.record, form: { format: 'csv', ...csv } };
  }
  throw new OperatorError(
    `${path} is neither JSON Lines nor an array of records, nor CSV with a header.`,
    'Give a small file of plain JSON or CSV with one record or more; other forms are read once the contract is there.',
  );
}

/** Names under which the existing contracts find each canonical field, the most frequent first. */
function usualNames(): Map<string, string[]> {
  const counts = new Map<string, Map<string, number>>();
  for (const document of sourceDocuments as readonly { fields: Record<string, readonly unknown[]> }[]) {
    for (const [field, places] of Object.entries(document.fields)) {
      const names = counts.get(field) ?? new Map<string, number>();
      for (const place of places) {
        const path = JSON.stringify(isObject(place) ? place.path : place);
        if (path) names.set(path, (names.get(path) ?? 0) + 1);
      }
      counts.set(field, names);
    }
  }
  return new Map(
    [...counts].map(([field, names]) => [field, [...names].sort(([, a], [, b]) => b - a).map(([path]) => path)]),
  );
}

const reaches = (record: unknown, path: readonly (string | number)[]): boolean =>
  path.length === 0
    ? record !== undefined && record !== null
    : isObject(record) && reaches(record[String(path[0])], path.slice(1));

/**
 * A first contract: every canonical field that the record has under a name that another producer uses.
 *
 * @returns the contract, and the required canonical fields for which no name was found
 */
export function beginning(source: string, { record, form }: First): { contract: Json; missing: string[] } {
  const fields: Record<string, unknown[]> = {};
  for (const [field, paths] of usualNames()) {
    const found = paths
      .map((text) => JSON.parse(text) as string | (string | number)[])
      .find((path) => reaches(record, typeof path === 'string' ? [path] : path));
    if (found !== undefined) fields[field] = [found];
  }
  const missing = ['review_id', 'product_id', 'created_at'].filter((field) => !(field in fields));
  const contract = {
    $schema: '../source.schema.json',
    source,
    description: `Reviews of ${source}: say what the export is, and in which form it comes.`,
    ...form,
    recognise: { all: Object.keys(record).slice(0, 4) },
    identity: 'review_id',
    rating: { minimum: 1, maximum: 5 },
    fields: { ...Object.fromEntries(missing.map((field) => [field, ['?']])), ...fields },
  };
  return { contract, missing };
}
