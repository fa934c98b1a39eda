import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { clientDefaults } from '../../runtime/aws';
import { credentialsSchema } from '../../snowflake/credentials';
import { ProvisioningError } from '../../snowflake/provisioning-errors';

/** dbt's login as the secret holds it: what the DAG reads, and which key of the user it is. */
const dbtLogin = credentialsSchema.omit({ role: true }).extend({
  keySlot: z.union([z.literal(1), z.literal(2)]),
  /** Setting that the key pair was made for. */
  keyGeneration: z.int(),
});

export type DbtLogin = z.infer<typeof dbtLogin>;

const secrets = new SecretsManagerClient(clientDefaults);

/** The login in a secret; undefined where it holds none yet: a new secret holds a text that nobody needs. */
export async function readDbtLogin(secretArn: string): Promise<DbtLogin | undefined> {
  const { SecretString } = await asked('read', () => secrets.send(new GetSecretValueCommand({ SecretId: secretArn })));
  return dbtLogin.safeParse(parsed(SecretString ?? '')).data;
}

/** Puts a login into a secret, in place of the one that was there. */
export async function writeDbtLogin(secretArn: string, login: DbtLogin): Promise<void> {
  const SecretString = JSON.stringify(login);
  await asked('written', () => secrets.send(new PutSecretValueCommand({ SecretId: secretArn, SecretString })));
}

/** Passes on the error's name only: its message may repeat the value. */
async function asked<Answer>(what: 'read' | 'written', send: () => Promise<Answer>): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    throw new ProvisioningError(
      `The secret of dbt's login cannot be ${what}: ${(error as Error).name}. Check that the function may use it and its key, and repeat the deployment.`,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
