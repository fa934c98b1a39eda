import type { DatabaseProperties } from '../../../contracts/provisioning-properties';
import type { WarehouseNames } from '../../../contracts/warehouse-names';
import { identifier, literal, type Sql, sql, wholeNumber } from './quoting';
import { type Statement, statement } from './statement';

/** One of the two keys that a user may have at a time. */
export type KeySlot = 1 | 2;

const KEY_OPTIONS = { 1: sql`RSA_PUBLIC_KEY`, 2: sql`RSA_PUBLIC_KEY_2` } as const satisfies Record<KeySlot, Sql>;

/** How the query history names the statements of dbt. */
const QUERY_TAG = 'review-pipeline dbt';

/**
 * What the user of dbt is set to, without its keys. Its sessions are in UTC: a time that a file states in UTC becomes a TIMESTAMP_NTZ by
 * the clock of the session, and a new account's is that of Los Angeles ("Parameters", TIMEZONE, Snowflake SQL reference).
 */
export function dbtUserOptions(names: WarehouseNames, { DbtUser, Warehouse }: DatabaseProperties): Sql {
  const defaults = sql`DEFAULT_ROLE = ${identifier(names.transformer)} DEFAULT_NAMESPACE = ${identifier(names.database)}`;
  const compute = Warehouse ? sql` DEFAULT_WAREHOUSE = ${identifier(names.warehouse)}` : sql``;
  const network = DbtUser.NetworkPolicy ? sql` NETWORK_POLICY = ${identifier(DbtUser.NetworkPolicy)}` : sql``;
  const timeout = wholeNumber(Number(DbtUser.StatementTimeoutSeconds));
  return sql`${defaults}${compute} TIMEZONE = 'UTC' STATEMENT_TIMEOUT_IN_SECONDS = ${timeout} QUERY_TAG = ${literal(QUERY_TAG)}${network}`;
}

/** Sets a user that may have been there already. */
export function* setDbtUser(names: WarehouseNames, options: Sql): Generator<Statement> {
  const { dbtUser, transformer } = names;
  yield alterUser(names, sql`SET ${options}`);
  yield statement(
    'GRANT ROLE',
    [transformer],
    sql`GRANT ROLE ${identifier(transformer)} TO USER ${identifier(dbtUser)}`,
  );
}

/** Lets the user log in by this key, too: the key in the other slot stays. */
export function setKey(names: WarehouseNames, slot: KeySlot, publicKey: string): Statement {
  return alterUser(names, sql`SET ${KEY_OPTIONS[slot]} = ${literal(publicKey)}`);
}

/** Empties a slot: its key opens nothing any more. */
export function unsetKey(names: WarehouseNames, slot: KeySlot): Statement {
  return alterUser(names, sql`UNSET ${KEY_OPTIONS[slot]}`);
}

function alterUser({ dbtUser }: WarehouseNames, change: Sql): Statement {
  return statement('ALTER USER', [dbtUser], sql`ALTER USER ${identifier(dbtUser)} ${change}`);
}
