import { NAMES } from '../../../../local/platform/snowflake-account';
import type { WarehouseSession } from '../../../../local/platform/warehouse';
import { dateOf, type Pseudonym, pseudonymBy, type Row } from './figures';

/** A value as the counted rows have it: dates as `yyyy-mm-dd`, times in ISO 8601. */
function plain(value: unknown, type = ''): unknown {
  if (value === null) return null;
  if (type === 'date') return dateOf(Number(value));
  if (type.startsWith('timestamp')) return new Date(Number(value)).toISOString();
  return type === 'fixed' || type === 'real' ? Number(value) : value;
}

/** The rows of a mart, whole. */
export async function shownMart(session: WarehouseSession, mart: string): Promise<Row[]> {
  const { rows, types } = await session.query(`select * from ${NAMES.database}.PRESENTATION.${mart}`);
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), plain(value, types[name])])),
  );
}

/** The pseudonyms of PRESENTATION, by the keys that are kept in CORE. */
export async function pseudonymsOf(session: WarehouseSession): Promise<Pseudonym> {
  const { rows } = await session.query(
    `select inner_key, outer_key from ${NAMES.database}.CORE.PSEUDONYM_KEYS order by generation desc limit 1`,
  );
  return pseudonymBy(String(rows[0]?.INNER_KEY), String(rows[0]?.OUTER_KEY));
}
