import { join } from 'node:path';
import { expect } from 'vitest';
import { NAMES } from '../../../local/platform/snowflake-account';
import { type QueryResult, WarehouseSession } from '../../../local/platform/warehouse';
import { dbtBuild } from '../../../local/run/dbt';
import { whenExternalTablesAreRefreshed } from '../../../local/run/presentation-tables';
import type { RunningPlatform } from './running';

/** Builds what is in Snowflake of all that is published: everything and its tests, or what further arguments of dbt select. */
export async function buildMarts({ platform, folder }: RunningPlatform, selection?: readonly string[]): Promise<void> {
  await whenExternalTablesAreRefreshed(platform);
  const { failed, output } = await dbtBuild(platform, join(folder, 'dbt'), undefined, selection);
  expect(failed, output).toBe(0);
}

/** Asks Snowflake with dbt's login; the rows of the answer. */
export async function ask({ platform }: RunningPlatform, sql: string): Promise<QueryResult['rows']> {
  const { accessUrl, dbt } = platform.warehouse;
  const session = await WarehouseSession.open(accessUrl, dbt);
  try {
    return (await session.query(sql)).rows;
  } finally {
    await session.close();
  }
}

/** What the mart of products counts: reviews by the name of their source. */
export async function reviewsBySource(running: RunningPlatform): Promise<Record<string, number>> {
  const rows = await ask(
    running,
    `select source_name, sum(review_count) as reviews from ${NAMES.database}.PRESENTATION.PRODUCT_SUMMARY group by source_name`,
  );
  return Object.fromEntries(rows.map(({ SOURCE_NAME, REVIEWS }) => [String(SOURCE_NAME), Number(REVIEWS)]));
}
