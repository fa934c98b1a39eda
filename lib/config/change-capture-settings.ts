import { z } from 'zod';
import { sources } from '../contracts/sources';
import { securityGroupId, subnetId } from './network-ids';
import { keyArn, secretName } from './warehouse-settings';

/** A name as PostgreSQL stores it where nobody quotes it. */
const identifier = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'expected 1 to 63 small letters, digits and underscores, no digit first');

/** Capture of the changes of a table in PostgreSQL, by AWS DMS. */
export const changeCaptureSettings = z.strictObject({
  source: z
    .string()
    .refine(
      (name) => sources.get(name)?.format === 'parquet',
      'expected a name of contracts/sources whose format is parquet',
    )
    .describe('Source contract that reads the rows; the folder below reviews/ that they go to.'),
  database: identifier.describe('Database that has the table.'),
  schema: identifier.default('public').describe('Schema that has the table.'),
  table: identifier.default('reviews').describe('Table whose rows are reviews.'),
  secretName: secretName.describe(
    'Name of the secret in Secrets Manager with the login: JSON with username, password, host and port.',
  ),
  secretKeyArn: keyArn.optional().describe("ARN of the key that encrypts the secret, if it is not AWS's own."),
  certificateArn: z
    .string()
    .regex(/^arn:[\w-]+:dms:[\w-]+:\d{12}:cert:[\w-]+$/, 'expected the ARN of a certificate in DMS')
    .describe(
      "ARN in DMS of the authority that has signed the database's certificate (aws dms import-certificate). Name and certificate of the server are always checked.",
    ),
  supportSchema: identifier
    .default('dms')
    .describe('Schema of the heartbeat, and of what notices altered tables; DMS owns what is in it.'),
  subnetIds: z
    .array(subnetId)
    .min(2, 'expected two subnets or more, in different zones: DMS takes no fewer')
    .describe('Private subnets from which the database, S3 and Secrets Manager can be reached.'),
  securityGroupIds: z
    .array(securityGroupId)
    .min(1)
    .describe('Security groups of the instance, which the database lets in.'),
  instanceClass: z
    .enum(['dms.t3.small', 'dms.t3.medium', 'dms.t3.large'])
    .default('dms.t3.small')
    .describe('Size of the instance that reads the changes. It is billed by the hour, also when nothing changes.'),
  multiAz: z
    .boolean()
    .default(false)
    .describe('Whether a second instance stands by in another zone, at twice the price.'),
  batchSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(60)
    .describe('How long a file waits for more changes (seconds). 32 MB of changes do not wait.'),
  rdsInstance: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected the identifier of an instance of RDS or Aurora')
    .optional()
    .describe("The database's instance in RDS or Aurora, whose metric says how much log the slot holds back."),
});

export type ChangeCaptureSettings = z.output<typeof changeCaptureSettings>;
