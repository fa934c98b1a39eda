import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { WORK_PREFIX } from '../contracts/prefixes';
import type { AccessLogBucket } from '../kit/access-log-bucket';
import { acknowledgeCheckov } from '../kit/acknowledge-checkov';
import { PipelineBucket } from '../kit/pipeline-bucket';

export interface ProcessedBucketProps {
  readonly encryptionKey: IKey;
  readonly accessLogs: AccessLogBucket;
  /** How long the work area of a batch is kept (days). */
  readonly workExpiryDays: number;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/**
 * The published tables, and the work area of the jobs.
 *
 * Not versioned: external tables do not support versioned buckets, and everything in it can be made again from the raw bucket.
 */
export class ProcessedBucket extends PipelineBucket {
  constructor(scope: Construct, id: string, { workExpiryDays, ...props }: ProcessedBucketProps) {
    super(scope, id, {
      ...props,
      versioned: false,
      serverAccessLogsPrefix: 'processed/',
      lifecycleRules: [
        { id: 'expire-work-area', prefix: WORK_PREFIX, expiration: Duration.days(workExpiryDays) },
        // Parts of uploads that a stopped job never completed are billed and seen by no listing.
        { id: 'abort-unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    acknowledgeCheckov(this, {
      id: 'CKV_AWS_21',
      reason:
        'External tables of Snowflake do not support versioned buckets; all of it can be made again from the raw bucket.',
    });
  }
}
