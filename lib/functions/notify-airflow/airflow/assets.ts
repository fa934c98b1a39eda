import * as z from 'zod';
import { AssetNotFoundError } from './airflow-errors';
import type { RestApi } from './rest-api';

const assetsSchema = z.object({ assets: z.array(z.object({ id: z.int(), name: z.string() })) });
const assetEventSchema = z.object({ id: z.int(), timestamp: z.string() });

/** An event of an asset, as Airflow recorded it. */
export type AssetEvent = z.infer<typeof assetEventSchema>;

/**
 * The number by which the API knows an asset: another in every database, so it is looked up each time.
 *
 * @throws AssetNotFoundError if Airflow knows no active asset of that name
 * @throws AirflowUnavailableError, AirflowRefusedError
 */
export async function findAsset(api: RestApi, name: string): Promise<number> {
  const { assets } = await api.call(assetsSchema, {
    method: 'GET',
    path: '/assets',
    // A pattern of SQL's LIKE: an underscore matches any character, so that there may be others.
    query: { name_pattern: name },
  });
  const asset = assets.find((found) => found.name === name);
  if (asset === undefined) {
    throw new AssetNotFoundError(
      `Airflow knows no asset ${name}. It may not have read the DAG yet, and this is tried again; if it lasts, look for an import error of the DAG and in the DAG processing log.`,
    );
  }
  return asset.id;
}

/**
 * Creates an event of an asset.
 *
 * @param extra what Airflow shows with the event
 * @throws AirflowUnavailableError, AirflowRefusedError
 */
export function createAssetEvent(
  api: RestApi,
  assetId: number,
  extra: Readonly<Record<string, unknown>>,
): Promise<AssetEvent> {
  return api.call(assetEventSchema, { method: 'POST', path: '/assets/events', body: { asset_id: assetId, extra } });
}
