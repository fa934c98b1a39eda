import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../config/acknowledge-wildcards';
import type { Settings } from '../config/schema';
import { allowKey, allowListing, allowObjects } from '../storage/access';
import { TABLES_PREFIX, WORK_PREFIX } from '../storage/prefixes';
import type { StorageStack } from '../storage/storage-stack';
import { FLATTENED_TABLES } from './flattened-tables';
import { GluePackage } from './glue-package';
import { JobEncryption } from './job-encryption';
import { KernelLibraries } from './kernel-libraries';
import { ReviewJob } from './review-job';

export interface ReviewJobsProps {
  readonly cleanJobName: string;
  readonly flattenJobName: string;
  /** Name of the Glue security configuration. */
  readonly securityConfigurationName: string;
  readonly storage: StorageStack;
  readonly operationsKey: IKey;
  readonly settings: Settings;
}

const WORK_REASON = 'Every batch has a work area of its own, named when it starts.';
const WRITE_ACTIONS = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];

/** The two Spark jobs: clean works within the work area; flatten reads there and writes the published tables. */
export class ReviewJobs extends Construct {
  readonly clean: ReviewJob;
  readonly flatten: ReviewJob;

  constructor(scope: Construct, id: string, props: ReviewJobsProps) {
    super(scope, id);
    const { storage, operationsKey, settings } = props;
    const processed = storage.processedBucket.bucket;
    const { securityConfiguration } = new JobEncryption(this, 'Encryption', {
      name: props.securityConfigurationName,
      dataKey: storage.dataKey,
      operationsKey,
    });
    const shared = {
      package: new GluePackage(this, 'Package'),
      libraries: new KernelLibraries(this, 'Libraries'),
      size: settings.glue,
      temporaryUri: processed.s3UrlForObject(`${WORK_PREFIX}temporary/`),
      securityConfiguration,
      encryptionKey: operationsKey,
      logRetentionDays: settings.logs.retentionDays,
    };

    this.clean = new ReviewJob(this, 'Clean', {
      ...shared,
      jobName: props.cleanJobName,
      description: 'Checks, standardises and deduplicates the reviews of a batch',
      script: 'clean_reviews.py',
    });
    this.flatten = new ReviewJob(this, 'Flatten', {
      ...shared,
      jobName: props.flattenJobName,
      description: 'Writes the cleaned reviews of a batch to the published tables',
      script: 'flatten_reviews.py',
    });

    for (const { role } of [this.clean, this.flatten]) {
      allowKey(role, storage.dataKey);
      allowListing(role, processed);
      // The name of the prefix itself too: the S3 file system asks for each parent of a path, and takes 403 for a failure.
      allowObjects(role, processed, ['s3:GetObject', ...WRITE_ACTIONS], `${WORK_PREFIX}*`);
      allowObjects(role, processed, ['s3:GetObject'], WORK_PREFIX.replace('/', ''));
      acknowledgeWildcards(role, { resource: `/${WORK_PREFIX}*`, reason: WORK_REASON });
    }

    const tables = FLATTENED_TABLES.map((table) => `${TABLES_PREFIX}${table}`);
    allowObjects(this.flatten.role, processed, ['s3:GetObject'], TABLES_PREFIX.replace('/', ''), ...tables);
    allowObjects(
      this.flatten.role,
      processed,
      ['s3:GetObject', ...WRITE_ACTIONS],
      ...tables.map((table) => `${table}/*`),
    );
    acknowledgeWildcards(
      this.flatten.role,
      ...tables.map((table) => ({
        resource: `/${table}/*`,
        reason: 'Every batch publishes to a path of its own in each table.',
      })),
    );
  }
}
