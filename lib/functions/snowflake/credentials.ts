import { createPrivateKey } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { clientDefaults } from '../runtime/aws';
import { LoginError } from './provisioning-errors';

/** What the secret holds, as JSON. */
export const credentialsSchema = z.object({
  /** Account identifier: `<organisation>-<account>`. */
  account: z.string().min(1),
  user: z.string().min(1),
  /** Private key of the user, PEM, PKCS #8, not encrypted. */
  privateKey: z.string().refine(isPrivateKey, 'expected an unencrypted RSA private key (PKCS #8, PEM)'),
  /** Role to log in with; by default the user's. */
  role: z.string().min(1).optional(),
  /** Endpoint, where it is not the account's own. */
  accessUrl: z.url().optional(),
});

export type Credentials = z.infer<typeof credentialsSchema>;

const secrets = new SecretsManagerClient(clientDefaults);

/**
 * Reads how to log in. No message has a value of the secret in it.
 *
 * @throws LoginError
 */
export async function readCredentials(secretName: string): Promise<Credentials> {
  const text = await secretText(secretName);
  const result = credentialsSchema.safeParse(parsed(text));
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`);
  throw new LoginError(
    `Secret ${secretName} is not as expected: ${places.join('; ')}. It holds JSON with account, user and privateKey, and may have role.`,
  );
}

async function secretText(secretName: string): Promise<string> {
  try {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: secretName }));
    return SecretString ?? '';
  } catch (error) {
    const { name } = error as Error;
    const advice =
      name === 'ResourceNotFoundException'
        ? 'Create it before the deployment, in the same account and region'
        : 'Check that the function may read it and its key';
    throw new LoginError(`Secret ${secretName} cannot be read: ${name}. ${advice} (docs/deploy.md, step 4).`);
  }
}

/** Undefined if the text is not JSON: the parser's message would repeat part of the secret. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
