import { readdirSync, readFileSync } from 'node:fs';

const TABLES = new URL('../../contracts/tables/', import.meta.url);

/** Names of the tables that the flatten job writes, in alphabetical order, as `contracts/tables` has them. */
export function flattenedTables(): string[] {
  return readdirSync(TABLES)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, TABLES), 'utf8')) as { table: string; producer: string })
    .filter(({ producer }) => producer === 'flatten')
    .map(({ table }) => table)
    .sort();
}
