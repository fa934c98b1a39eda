import { z } from 'zod';
import { keyArn } from './warehouse-settings';

const days = z.int().min(1).max(3650);

/** Name of a folder below `reviews/`: that of a source contract, or of a producer whose files name their source themselves. */
export const sourceFolder = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected the name of a folder: small letters, digits and hyphens');

const producer = z.strictObject({
  principal: z
    .string()
    .regex(
      /^(\d{12}|arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+)$/,
      'expected an account of 12 digits, or the ARN of a role',
    )
    .describe('Account, or better a role, that puts the files.'),
  folder: sourceFolder.describe(
    'Folder below reviews/ that the files go to; the name of a source contract decides how they are read.',
  ),
});

/** What is kept, and who may bring it. */
export const dataSettings = z
  .strictObject({
    destroyData: z
      .boolean()
      .default(false)
      .describe(
        'First of the two keys to destroying data with the stacks; the second is the context flag -c allowDestroy=<environment>.',
      ),
    terminationProtection: z
      .boolean()
      .default(true)
      .describe(
        'Whether the stacks storage and processing refuse to be deleted. Turned off where data may be destroyed (both keys).',
      ),
    oldVersionDays: days
      .default(365)
      .describe(
        'How long a superseded or deleted version of a raw file is kept (days). After that it cannot be processed again.',
      ),
    objectLock: z
      .strictObject({
        mode: z
          .enum(['GOVERNANCE', 'COMPLIANCE'])
          .describe('COMPLIANCE: nobody can lift the protection before it ends.'),
        days: days.describe('How long a raw file can be neither overwritten nor deleted (days).'),
      })
      .optional()
      .describe(
        'Write-once protection of raw files. Off by default. Once on, it can never be turned off for the bucket.',
      ),
    catalog: z
      .boolean()
      .default(false)
      .describe(
        'Whether the published tables are in the Glue Data Catalog too, for Athena, Redshift Spectrum and others that read it.',
      ),
    producers: z
      .array(producer)
      .default([])
      .describe('Producers of other AWS accounts, who may put files below a folder of their own, and nothing else.'),
    dataEvents: z
      .boolean()
      .default(false)
      .describe(
        'Whether CloudTrail records every read and write of raw files and published tables. It bills each hundred thousand events.',
      ),
    replica: z
      .strictObject({
        bucketArn: z
          .string()
          .regex(/^arn:[\w-]+:s3:::[a-z0-9.-]{3,63}$/, 'expected the ARN of a bucket')
          .describe(
            'ARN of the versioned bucket in another region of the account that takes the copies; with data.objectLock it must have Object Lock too.',
          ),
        keyArn: keyArn.describe('ARN of the key in that region that encrypts them.'),
      })
      .optional()
      .describe('Cross-region copy of every raw file. Make bucket and key first; without it there is no copy.'),
    deadLetterDays: days
      .default(90)
      .describe(
        'How long values of dead letters that the topic has no room for are kept in the raw bucket (days). Keep them for as long as the dead-letter topic keeps its messages.',
      ),
    workExpiryDays: days.default(14).describe('How long the working copies of a batch are kept (days).'),
    accessLogDays: days.default(90).describe('How long the access logs of the buckets are kept (days).'),
  })
  .prefault({});
