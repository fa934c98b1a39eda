import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { loadSettings } from '../../lib/config/settings';
import { warehouseNames } from '../../lib/contracts/warehouse-names';
import type { AwsClients } from './aws-clients';

const { warehouse } = loadSettings('local');

/** Database and what is named after it, as the `local` environment has the stack make them. */
export const NAMES = warehouseNames(warehouse?.database ?? 'REVIEWS');

/** Who logs in to the local Snowflake: stack, dbt and queries alike. */
export interface SnowflakeAccount {
  readonly account: string;
  readonly user: string;
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
}

/** Makes the key pair of this run; it opens nothing but this run's local Snowflake. */
export function newSnowflakeAccount(folder: string): SnowflakeAccount {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  mkdirSync(folder, { recursive: true });
  const account = {
    account: 'LOCAL',
    user: 'PROVISIONER',
    privateKeyFile: join(folder, 'key.p8'),
    publicKeyFile: join(folder, 'key.pub'),
  };
  writeFileSync(account.privateKeyFile, privateKey, { mode: 0o600 });
  writeFileSync(account.publicKeyFile, publicKey);
  return account;
}

/** Puts the login where the warehouse stack's function looks for it. */
export async function storeSecret(
  { secretsManager }: AwsClients,
  { account, user }: SnowflakeAccount,
  secret: { readonly privateKey: string; readonly accessUrl: string },
): Promise<void> {
  await secretsManager.send(
    new CreateSecretCommand({
      Name: warehouse?.secretName,
      SecretString: JSON.stringify({ account, user, ...secret }),
    }),
  );
}
