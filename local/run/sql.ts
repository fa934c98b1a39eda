import { NAMES } from '../platform/snowflake-account';
import { WarehouseSession } from '../platform/warehouse';
import { newestKept } from './kept';
import { formatRows, meant, type SqlFormat, unknownObject } from './sql-output';

const TABLES = `
  select table_schema || '.' || table_name as "NAME" from ${NAMES.database}.information_schema.tables
  where table_schema <> 'INFORMATION_SCHEMA' order by 1`;

async function explained(session: WarehouseSession, error: Error): Promise<Error> {
  const unknown = unknownObject(error.message);
  if (!unknown) return error;
  const { rows } = await session.query(TABLES);
  const name = meant(
    unknown,
    rows.map(({ NAME }) => String(NAME)),
  );
  return new Error(`${error.message}\n${name ? `Did you mean ${name}?` : 'Tables: show tables in account'}`);
}

/**
 * Asks the local Snowflake of the newest kept run.
 *
 * @returns the rows as text
 * @throws Error in Snowflake's words, and with the name that was meant
 */
export async function sql(statement: string, format: SqlFormat): Promise<string> {
  const { accessUrl, dbt } = newestKept().warehouse;
  const session = await WarehouseSession.open(accessUrl, dbt);
  try {
    const result = await session.query(statement).catch(async (error: Error) => {
      throw await explained(session, error);
    });
    return formatRows(result, format, process.stdout.isTTY ? process.stdout.columns : undefined);
  } finally {
    await session.close();
  }
}
