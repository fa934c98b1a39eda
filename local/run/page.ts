import { connectLocally } from '../../operator/deployment';
import { metricsText } from '../../operator/metrics-text';
import { type ServedPage, servePage } from '../../operator/page/server';
import { lazyWarehouse } from '../../operator/page/warehouse';
import type { Platform } from '../platform/platform';
import { NAMES } from '../platform/snowflake-account';
import { WarehouseSession } from '../platform/warehouse';
import type { DbtBuild } from './dbt-results';

/**
 * Serves the page of a run.
 *
 * @param dbt the build of this run, which is all that is known where it has no Airflow
 */
export async function servePageOf(
  { endpoint, warehouse: { accessUrl, dbt: login } }: Pick<Platform, 'endpoint' | 'warehouse'>,
  dbt?: DbtBuild,
): Promise<ServedPage> {
  const deployment = await connectLocally(endpoint);
  const endedAt = new Date();
  return servePage(
    {
      deployment,
      warehouse: lazyWarehouse(NAMES.database, () => WarehouseSession.open(accessUrl, login)),
      ...(dbt && { dbt: () => ({ ...dbt, endedAt }) }),
    },
    { metrics: () => metricsText(deployment) },
  );
}
