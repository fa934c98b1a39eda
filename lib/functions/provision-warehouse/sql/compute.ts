import type { WarehouseNames } from '../../../contracts/warehouse-names';
import { identifier, literal, type Sql, sql, wholeNumber } from './quoting';
import { type Statement, statement } from './statement';

/** Size of a warehouse, and when it is suspended. */
export interface WarehouseDefinition {
  /** Snowflake's name of the size: XSMALL, SMALL, … */
  readonly size: string;
  /** How long it idles before it is suspended, and no longer billed (seconds). */
  readonly autoSuspendSeconds: number;
}

/** What a warehouse is set to. */
export function warehouseOptions({ size, autoSuspendSeconds }: WarehouseDefinition): Sql {
  return sql`WAREHOUSE_SIZE = ${literal(size)} AUTO_SUSPEND = ${wholeNumber(autoSuspendSeconds)} AUTO_RESUME = TRUE`;
}

/** Sets a warehouse that may have been there already. */
export function alterWarehouse({ warehouse }: WarehouseNames, definition: WarehouseDefinition): Statement {
  return statement(
    'ALTER WAREHOUSE',
    [warehouse],
    sql`ALTER WAREHOUSE ${identifier(warehouse)} SET ${warehouseOptions(definition)}`,
  );
}

/**
 * What the user of dbt is set to. It logs in with a key only (type SERVICE), and its sessions are in UTC: a time that a file states in UTC
 * becomes a TIMESTAMP_NTZ by the clock of the session.
 */
export function dbtUserOptions(names: WarehouseNames, publicKey: string, warehouse: boolean): Sql {
  const defaults = sql`DEFAULT_ROLE = ${identifier(names.transformer)} DEFAULT_NAMESPACE = ${identifier(names.database)}`;
  const compute = warehouse ? sql` DEFAULT_WAREHOUSE = ${identifier(names.warehouse)}` : sql``;
  return sql`RSA_PUBLIC_KEY = ${literal(publicKey)} ${defaults}${compute} TIMEZONE = 'UTC'`;
}

/** Sets a user that may have been there already. */
export function* setDbtUser(names: WarehouseNames, options: Sql): Generator<Statement> {
  const { dbtUser, transformer } = names;
  yield statement('ALTER USER', [dbtUser], sql`ALTER USER ${identifier(dbtUser)} SET ${options}`);
  yield statement(
    'GRANT ROLE',
    [transformer],
    sql`GRANT ROLE ${identifier(transformer)} TO USER ${identifier(dbtUser)}`,
  );
}
