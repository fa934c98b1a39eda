import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';
import { LOCAL_ENVIRONMENT } from '../../lib/config/environments';
import { dbtLoginSecretName, warehouseNames } from '../../lib/contracts/warehouse-names';
import { WarehouseSession } from '../../local/platform/warehouse';
import { newestKept } from '../../local/run/kept';
import type { Deployment } from '../deployment';
import { failureLine } from '../failures';
import { metricsText } from '../metrics-text';
import { OperatorError } from '../operator-error';
import { type ServedPage, servePage } from '../page/server';
import { lazyWarehouse } from '../page/warehouse';

const loginSchema = z.object({ account: z.string(), user: z.string(), privateKey: z.string() });

/** Session of dbt's own user, by the login that the deployment keeps for it; the page reads only. */
async function openWarehouse({ environment, settings, prefix, secretsManager }: Deployment): Promise<WarehouseSession> {
  if (environment === LOCAL_ENVIRONMENT) {
    const { accessUrl, dbt } = newestKept().warehouse;
    return WarehouseSession.open(accessUrl, dbt);
  }
  if (!settings.warehouse) {
    throw new OperatorError(
      `Environment ${environment} has no Snowflake.`,
      'Set "warehouse" in its file and deploy to have one.',
    );
  }
  const SecretId = settings.orchestration?.dbtSecretName ?? dbtLoginSecretName(prefix);
  const secret = await secretsManager.send(new GetSecretValueCommand({ SecretId })).catch((error: Error) => {
    throw new OperatorError(`The login of Snowflake could not be read (${SecretId}).`, failureLine(error));
  });
  const login = loginSchema.parse(JSON.parse(secret.SecretString ?? ''));
  return WarehouseSession.connect({ ...login, names: warehouseNames(settings.warehouse.database) });
}

/** Serves the page of an environment on this machine, until the process ends. */
export function open(deployment: Deployment): Promise<ServedPage> {
  const { warehouse } = deployment.settings;
  const database = warehouseNames(warehouse?.database ?? '').database;
  return servePage(
    { deployment, warehouse: lazyWarehouse(database, () => openWarehouse(deployment)) },
    { metrics: () => metricsText(deployment) },
  );
}
