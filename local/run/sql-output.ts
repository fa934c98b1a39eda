import Table from 'cli-table3';
import { distance } from 'fastest-levenshtein';
import type { QueryResult } from '../platform/warehouse';
import { PLAIN } from './plain-table';

/** How rows are written. */
export type SqlFormat = 'table' | 'vertical' | 'csv' | 'json';

type Value = string | number | boolean | null;

/** A value as every format writes it: times in ISO 8601, dates without a time, variants as JSON. */
function plainValue(value: unknown, type: string | undefined): Value {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) {
    const iso = new Date(value.getTime()).toISOString();
    return type === 'date' ? iso.slice(0, 10) : iso;
  }
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}

const shown = (value: Value): string => (value === null ? '–' : String(value));

const counted = (rows: number): string => `${rows} ${rows === 1 ? 'row' : 'rows'}`;

function asTable(names: readonly string[], rows: readonly (readonly Value[])[]): string {
  const table = new Table({ ...PLAIN, head: [...names] });
  for (const row of rows) {
    table.push(
      row.map((value) =>
        typeof value === 'number' ? { hAlign: 'right' as const, content: shown(value) } : shown(value),
      ),
    );
  }
  return table.toString();
}

/** One column a line, for rows that are wider than the screen. */
function asLines(names: readonly string[], rows: readonly (readonly Value[])[]): string {
  const width = Math.max(...names.map(({ length }) => length));
  const lines = rows.map((row, index) => [
    `row ${index + 1}`,
    ...row.map((value, column) => `  ${(names[column] ?? '').padEnd(width)}  ${shown(value)}`),
  ]);
  return lines.map((row) => row.join('\n')).join('\n');
}

/** A field by RFC 4180, "Common Format and MIME Type for Comma-Separated Values (CSV) Files". */
function csvField(value: Value): string {
  const text = value === null ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Rows of a query as a person or a program reads them.
 *
 * @param width columns of the screen; a table that is wider is written one column a line
 */
export function formatRows({ columns, types, rows }: QueryResult, format: SqlFormat, width = Infinity): string {
  const names = columns.map((name) => name.toLowerCase());
  const values = rows.map((row) => columns.map((name) => plainValue(row[name], types[name])));
  if (format === 'csv') return [names, ...values].map((row) => row.map(csvField).join(',')).join('\n');
  if (format === 'json') {
    const objects = values.map((row) => Object.fromEntries(names.map((name, column) => [name, row[column]])));
    return JSON.stringify(objects, null, 2);
  }
  const table = format === 'table' ? asTable(names, values) : undefined;
  const fits = table?.split('\n').every((line) => line.trimEnd().length <= width);
  const text = table !== undefined && fits ? table : asLines(names, values);
  return rows.length === 0 && !fits ? counted(0) : `${text}\n${counted(rows.length)}`;
}

/** Names that a user may have meant with one that Snowflake does not know: the same in another schema, or one that is spelt alike. */
export function meant(unknown: string, known: readonly string[]): string | undefined {
  const bare = (name: string): string => name.split('.').at(-1)?.replaceAll('"', '').toUpperCase() ?? '';
  const wanted = bare(unknown);
  const ranked = known
    .map((name) => ({ name, far: distance(wanted, bare(name)) }))
    .sort((one, other) => one.far - other.far);
  const [nearest] = ranked;
  return nearest && nearest.far <= Math.max(2, wanted.length / 4) ? nearest.name : undefined;
}

/** The name in the message that an object does not exist, of Snowflake or of the local one. */
export const unknownObject = (message: string): string | undefined =>
  /(?:Object '|Table with name "?)([\w."]+?)['"]? does not exist/i.exec(message)?.[1];
