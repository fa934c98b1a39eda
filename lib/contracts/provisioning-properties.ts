import * as z from 'zod';
import { COLUMN_TYPE, PII_CLASSES } from './tables';

// Properties of the custom resources, as the stack states them and the function reads them. CloudFormation hands every value over
// as text; text is therefore what both sides agree on.

const flag = z.enum(['true', 'false']);
const count = z.string().regex(/^\d+$/);
const text = z.string().min(1);
const tableFolder = z.string().regex(/^[a-z][a-z0-9_]*$/);

/** A location in S3 with the slash at its end. */
const location = z.string().regex(/^s3:\/\/[a-z0-9][a-z0-9.-]+\/([\w.=-]+\/)*$/, 'expected s3://<bucket>/<prefix>/');

const common = {
  ServiceToken: text,
  ServiceTimeout: count.optional(),
  /** Raise it to have everything checked and repaired again. */
  Revision: count,
};

const inSnowflake = {
  ...common,
  /** Text that marks what this environment has made, in the comment of every object. */
  Owner: text,
};

/** `Custom::SnowflakeStorageIntegration`. Attributes: IamUserArn, ExternalId. */
export const integrationProperties = z.strictObject({
  ...inSnowflake,
  Name: text,
  /** Role that Snowflake assumes to read the bucket; it need not exist yet. */
  RoleArn: text,
  AllowedLocation: location,
});

const publicKey = z.string().regex(/^[A-Za-z0-9+/]+=*$/);

/** The user of dbt. Its key pair is made here, or its private keys are kept by others. */
const dbtUser = z.strictObject({
  Keys: z.union([
    z.strictObject({
      /** Secret that the login with the private key is put into. */
      SecretArn: text,
      /** Raise it to have a new key pair made. */
      Generation: count,
    }),
    z.strictObject({ PublicKey: publicKey, PublicKey2: publicKey.optional() }),
  ]),
  /** Longest statement (seconds). */
  StatementTimeoutSeconds: count,
  /** Network policy of the account that it may log in by. */
  NetworkPolicy: text.optional(),
});

/** `Custom::SnowflakeDatabase`. Attribute: NotificationChannel. */
export const databaseProperties = z.strictObject({
  ...inSnowflake,
  Database: text,
  Integration: text,
  /** Where the published tables are, one folder per table. */
  Location: location,
  /** Whether Snowflake lists all files of a table as it is made; else they are refreshed by days. */
  ListFiles: flag,
  /** An external table for each. */
  Tables: z
    .array(
      z.strictObject({
        Name: text,
        Folder: tableFolder,
        Columns: z.array(z.strictObject({ Name: text, Type: COLUMN_TYPE })).min(1),
      }),
    )
    .min(1),
  /** The warehouse to make, if any. */
  Warehouse: z.strictObject({ Size: z.string().regex(/^[A-Z0-9]+$/), AutoSuspendSeconds: count }).optional(),
  DbtUser: dbtUser,
  /** Columns of the external tables that hold personal data, where tags and masking policies are wanted. */
  Governance: z
    .strictObject({
      PersonalColumns: z.array(z.strictObject({ Table: text, Column: text, Class: z.enum(PII_CLASSES) })).min(1),
    })
    .optional(),
  /** Whether tables that dbt has made are dropped with the resource: both keys of `lib/kit/removal.ts` were given. */
  DropData: flag,
});

/** `Custom::PublishedTablesNotification`. */
export const notificationProperties = z.strictObject({
  ...common,
  Bucket: text,
  Prefix: text,
  Suffix: text,
  /** Name of the entry among the bucket's notifications. */
  Entry: text,
  /** ARN of the queue that Snowflake listens to. */
  Channel: text,
});

/** `Custom::ExternalTableRefresh`. */
export const refreshProperties = z.strictObject({
  ...common,
  Database: text,
  Tables: z.array(text).min(1),
  /** What has just been connected to the bucket: a change is a reason to look for files again. */
  Location: location,
  Channel: text,
});

export type IntegrationProperties = z.infer<typeof integrationProperties>;
export type DatabaseProperties = z.infer<typeof databaseProperties>;
export type NotificationProperties = z.infer<typeof notificationProperties>;
export type RefreshProperties = z.infer<typeof refreshProperties>;
