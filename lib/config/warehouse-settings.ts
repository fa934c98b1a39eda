import { createPublicKey } from 'node:crypto';
import { z } from 'zod';

/** Name of a secret in Secrets Manager. */
export const secretName = z
  .string()
  .regex(/^[\w/+=.@-]{1,256}$/, 'expected the name of a secret: letters, digits and /_+=.@-');

/** ARN of a key in KMS. */
export const keyArn = z.string().regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'expected the ARN of a KMS key');

const publicKey = z.string().refine(isPublicKey, 'expected an RSA public key: PEM, or its base64 lines alone');

/** Snowflake. */
export const warehouseSettings = z.strictObject({
  secretName: secretName.describe(
    'Name of the secret in Secrets Manager with the login to Snowflake: JSON with account, user, privateKey (PEM, PKCS #8) and optionally role.',
  ),
  secretKeyArn: keyArn.optional().describe("ARN of the key that encrypts the secret, if it is not AWS's own."),
  database: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,59}$/, 'expected 1 to 60 capitals, digits and underscores, a letter first')
    .default('REVIEWS')
    .describe('Database in Snowflake. Roles, integration, warehouse and user are named after it.'),
  compute: z
    .strictObject({
      size: z
        .enum(['XSMALL', 'SMALL', 'MEDIUM', 'LARGE', 'XLARGE'])
        .default('XSMALL')
        .describe('Size of the warehouse: XSMALL is one credit an hour while it runs, each further size twice that.'),
      autoSuspendSeconds: z
        .int()
        .min(60)
        .max(86_400)
        .default(60)
        .describe('How long the warehouse idles before it is suspended (seconds); Snowflake bills at least 60.'),
    })
    .optional()
    .describe('A warehouse made by the stack. Without it, give the roles another one by hand.'),
  listFilesOnCreate: z
    .boolean()
    .default(true)
    .describe(
      'Whether the deployment lists all published files when it makes an external table. Switch it off before you connect a history too large for one statement, and refresh it by days (docs/runbook.md).',
    ),
  governance: z
    .boolean()
    .default(false)
    .describe(
      "Whether columns with personal data are tagged and masked, and a role of its own may read texts (schema DETAIL). Needs Snowflake's Enterprise edition and one more privilege (lib/warehouse/README.md).",
    ),
  dbtKeyGeneration: z
    .int()
    .min(1)
    .default(1)
    .describe(
      "Raise it by one, and the next deployment gives dbt's user a new key pair. The key before it stays valid until the next time.",
    ),
  dbtPublicKey: publicKey
    .optional()
    .describe("Public key of dbt's user, if you keep its private key. Without it the deployment makes the key pair."),
  dbtPublicKey2: publicKey
    .optional()
    .describe("Second public key of dbt's user, also valid: for a rotation without a gap. Only with dbtPublicKey."),
  dbtStatementTimeoutSeconds: z
    .int()
    .min(60)
    .max(604_800)
    .default(3600)
    .describe("Longest statement of dbt's user before Snowflake cancels it (seconds)."),
  dbtNetworkPolicy: z
    .string()
    .regex(/^[A-Z][A-Z0-9_$]{0,254}$/, 'expected the name of a network policy in capitals')
    .optional()
    .describe("Network policy of the account for dbt's user: the addresses it may log in from."),
  revision: z
    .int()
    .min(1)
    .default(1)
    .describe('Raise it by one, and the next deployment checks and repairs everything in Snowflake.'),
});

/** Base64 of a public key, without the lines around it: as Snowflake wants it. */
export function publicKeyBody(key: string): string {
  return key.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '');
}

function isPublicKey(key: string): boolean {
  try {
    const der = Buffer.from(publicKeyBody(key), 'base64');
    return createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}
