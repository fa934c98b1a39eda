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
