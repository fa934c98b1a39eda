import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { COMPACTION_REPORTS } from '../contracts/object-keys';
import { TABLES_PREFIX, WORK_PREFIX } from '../contracts/prefixes';
import { FLATTENED_TABLES } from '../contracts/tables';
import { allowKey, allowListing, allowObject, allowObjects } from '../kit/grants';
import { PUBLISH_REASON, WORK_REASON } from '../storage/path-reasons';
import { GluePackage } from './glue-package';
import { JobEncryption } from './job-encryption';
import { KernelLibraries } from './kernel-libraries';
import { ReviewJob } from './review-job';

export interface ReviewJobsProps {
  readonly cleanJobName: string;
  readonly flattenJobName: string;
  /** @default - there is no job that compacts */
  readonly compactJobName?: string;
  /** Name of the Glue security configuration. */
  readonly securityConfigurationName: string;
  readonly processedBucket: Bucket;
  /** Key of what the jobs read and write. */
  readonly dataKey: IKey;
  readonly operationsKey: IKey;
  readonly settings: Pick<Settings, 'glue' | 'logs'>;
}

const WRITE_ACTIONS = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];

/**
 * The jobs: clean works within the work area; flatten reads there and writes the published tables; compact, where there is one, puts
 * their small files together.
 */
export class ReviewJobs extends Construct {
  readonly clean: ReviewJob;
  readonly flatten: ReviewJob;
  readonly compact?: ReviewJob;

  constructor(scope: Construct, id: string, props: ReviewJobsProps) {
    super(scope, id);
    const { processedBucket: processed, dataKey, operationsKey, settings } = props;
    const securityConfiguration = new JobEncryption(this, 'Encryption', {
      name: props.securityConfigurationName,
      dataKey,
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
      allowKey(role, dataKey);
      allowListing(role, processed);
      allowObjects(role, processed, ['s3:GetObject', ...WRITE_ACTIONS], `${WORK_PREFIX}*`, WORK_REASON);
      // The name of the prefix itself too: the S3 file system asks for each parent of a path, and fails on a 403.
      allowObject(role, processed, ['s3:GetObject'], WORK_PREFIX.replace('/', ''));
    }

    const { role } = this.flatten;
    allowObject(role, processed, ['s3:GetObject'], TABLES_PREFIX.replace('/', ''));
    for (const table of FLATTENED_TABLES.map((name) => `${TABLES_PREFIX}${name}`)) {
      allowObject(role, processed, ['s3:GetObject'], table);
      allowObjects(role, processed, ['s3:GetObject', ...WRITE_ACTIONS], `${table}/*`, PUBLISH_REASON);
    }

    if (props.compactJobName) {
      this.compact = new ReviewJob(this, 'Compact', {
        ...shared,
        // It never starts Spark. Two runs would take the same files.
        size: { ...settings.glue, maximumWorkers: 2, maximumConcurrentRuns: 1 },
        jobName: props.compactJobName,
        description: 'Puts the small files of the published tables together in large ones',
        script: 'compact_tables.py',
      });
      this.allowCompaction(this.compact.role, processed, dataKey);
    }
  }

  private allowCompaction(role: IRole, processed: Bucket, dataKey: IKey): void {
    allowKey(role, dataKey);
    allowListing(role, processed);
    for (const table of [...FLATTENED_TABLES, 'compactions']) {
      allowObjects(role, processed, ['s3:GetObject', ...WRITE_ACTIONS], `${TABLES_PREFIX}${table}/*`, PUBLISH_REASON);
    }
    allowObjects(role, processed, ['s3:GetObject'], `${TABLES_PREFIX}file_events/*`, PUBLISH_REASON);
    const reports = 'Every run writes a report of its own.';
    allowObjects(role, processed, ['s3:PutObject'], `${COMPACTION_REPORTS}*`, reports);
  }
}
