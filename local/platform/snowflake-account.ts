import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import { dbtLoginSecretName, warehouseNames } from '../../lib/contracts/warehouse-names';
import type { AwsClients } from './aws-clients';

const settings = loadSettings('local');
const { warehouse } = settings;

/** Names of the database and of what is named after it, as in the `local` environment. */
export const NAMES = warehouseNames(warehouse?.database ?? 'REVIEWS');

/** Who logs in to the local Snowflake. */
export interface SnowflakeLogin {
  readonly account: string;
  readonly user: string;
  readonly privateKeyFile: string;
}

/** The login that provisions it. Its public key is given to the local Snowflake at its start. */
export interface SnowflakeAccount extends SnowflakeLogin {
  readonly publicKeyFile: string;
}

/** Makes the key pair of this run. Only this run's local Snowflake accepts it. */
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

/** Stores the login that the stack has made for dbt in a file that dbt and queries read. */
export async function keepDbtLogin({ secretsManager }: AwsClients, folder: string): Promise<SnowflakeLogin> {
  const SecretId = dbtLoginSecretName(resourcePrefix(settings));
  const { SecretString = '' } = await secretsManager.send(new GetSecretValueCommand({ SecretId }));
  const { account, user, privateKey } = JSON.parse(SecretString) as Record<'account' | 'user' | 'privateKey', string>;
  const privateKeyFile = join(folder, 'dbt.p8');
  writeFileSync(privateKeyFile, privateKey, { mode: 0o600 });
  return { account, user, privateKeyFile };
}
