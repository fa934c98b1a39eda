import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { dbtLoginSecretName, SCHEMAS } from '../../lib/contracts/warehouse-names';
import { connect } from '../../lib/functions/snowflake/connection';
import { credentialsSchema } from '../../lib/functions/snowflake/credentials';
import type { Driver, Row } from '../../lib/functions/snowflake/driver';
import type { Deployment } from '../deployment';
import { COUNTED, countedOf, type RowCounts } from './state';

/** Rows that Snowflake's external tables show, by batch. */
export type WarehouseRows = ReadonlyMap<string, RowCounts>;

const TIMEOUT_MS = 120_000;

async function login({ secretsManager }: Deployment, SecretId: string): Promise<Driver | undefined> {
  try {
    const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
    const credentials = credentialsSchema.safeParse(JSON.parse(SecretString));
    return credentials.success ? await connect(credentials.data, TIMEOUT_MS) : undefined;
  } catch (error) {
    // If the owner keeps dbt's key, the deployment has none.
    if (['ResourceNotFoundException', 'SyntaxError'].includes((error as Error).name)) return undefined;
    throw error;
  }
}

/**
 * Asks Snowflake by dbt's login.
 *
 * @returns undefined if the environment has no warehouse, or keeps no login to it
 */
export async function withWarehouse<T>(
  deployment: Deployment,
  ask: (execute: (sql: string) => Promise<readonly Row[]>, database: string) => Promise<T>,
): Promise<T | undefined> {
  const { settings, prefix } = deployment;
  if (!settings.warehouse) return undefined;
  const driver = await login(deployment, dbtLoginSecretName(prefix));
  if (!driver) return undefined;
  try {
    return await ask((sql) => driver.execute(sql, TIMEOUT_MS), settings.warehouse.database);
  } finally {
    await driver.close();
  }
}

/** Rows of the external tables; undefined if there is no login to ask with. */
export const warehouseRows = (deployment: Deployment): Promise<WarehouseRows | undefined> =>
  withWarehouse(deployment, async (execute, database) => {
    const found = new Map<string, RowCounts>();
    for (const table of COUNTED) {
      const place = `${database}.${SCHEMAS.raw}.${table.toUpperCase()}`;
      const rows = await execute(`SELECT batch_id AS "batch", COUNT(*) AS "rows" FROM ${place} GROUP BY batch_id`);
      for (const { batch, rows: count } of rows) {
        const before = found.get(String(batch));
        found.set(String(batch), countedOf({ ...before, [table]: Number(count) }));
      }
    }
    return found;
  });
