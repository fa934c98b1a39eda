import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../platform/platform';
import { NAMES, type SnowflakeLogin } from '../platform/snowflake-account';
import { WarehouseSession } from '../platform/warehouse';

const USER = `${NAMES.database}_ANALYST`;

/**
 * Makes a user of the local Snowflake that reads the presentation tables and nothing else, for BI tools and notebooks.
 *
 * @param folder where its private key goes
 */
export async function newReporter({ warehouse }: Platform, folder: string): Promise<SnowflakeLogin> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const login = { account: warehouse.account.account, user: USER, privateKeyFile: join(folder, 'reporter.p8') };
  writeFileSync(login.privateKeyFile, privateKey, { mode: 0o600 });
  const key = publicKey.replaceAll(/-----.*-----|\n/g, '');
  const session = await WarehouseSession.open(warehouse.accessUrl, warehouse.account, 'SECURITYADMIN');
  await session.query(
    `create user if not exists ${USER} type = service rsa_public_key = '${key}' default_role = ${NAMES.reporter} default_warehouse = ${NAMES.warehouse}`,
  );
  await session.query(`grant role ${NAMES.reporter} to user ${USER}`);
  await session.close();
  return login;
}
