import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { WORK_PREFIX } from '../contracts/prefixes';
import { dataRemovalPolicy } from '../kit/removal';

export interface ProcessedBucketProps {
  readonly encryptionKey: IKey;
  readonly accessLogs: IBucket;
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
export class ProcessedBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: ProcessedBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: false,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: 'processed/',
      lifecycleRules: [
        { id: 'expire-work-area', prefix: WORK_PREFIX, expiration: Duration.days(props.workExpiryDays) },
        // Parts of uploads that a stopped job never completed are billed and seen by no listing.
        { id: 'abort-unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: dataRemovalPolicy(props.destroyData),
      autoDeleteObjects: props.destroyData,
    });
  }
}
