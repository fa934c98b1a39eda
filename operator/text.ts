import Table from 'cli-table3';
import ms from 'ms';
import { PLAIN } from '../local/run/plain-table';

/** A table for the terminal; each column is as wide as its longest cell. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const plain = new Table({ ...PLAIN, head: [...head] });
  for (const row of rows) {
    plain.push(
      row.map((cell) => (typeof cell === 'number' ? { hAlign: 'right' as const, content: String(cell) } : cell)),
    );
  }
  return plain.toString();
}

/** How long ago a time was, in readable form: `3m ago`. */
export const ago = (time: Date | string): string => `${ms(Math.max(0, Date.now() - Number(new Date(time))))} ago`;

/** A time in UTC, to the second. */
export const utc = (time: Date | string): string =>
  `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** A document as the option `--json` writes it. */
export const json = (document: unknown): string =>
  JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? Number(value) : value), 2);
