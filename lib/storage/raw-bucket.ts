import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectLockMode,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { dataRemovalPolicy } from '../kit/removal';

export interface RawBucketProps {
  readonly encryptionKey: IKey;
  readonly accessLogs: IBucket;
  /** How long a superseded or deleted version is kept (days). */
  readonly oldVersionDays: number;
  /** Write-once protection, if any. */
  readonly objectLock: Settings['data']['objectLock'] | undefined;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/** The landing area: files as their producers sent them, every version kept, each arrival announced to EventBridge. */
export class RawBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: RawBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      // One data key a bucket instead of one an object: thousands of small files cost no call to KMS each.
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: 'raw/',
      lifecycleRules: [
        {
          id: 'expire-old-versions',
          noncurrentVersionExpiration: Duration.days(props.oldVersionDays),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
      ...(props.objectLock && {
        objectLockEnabled: true,
        objectLockDefaultRetention: retention(props.objectLock),
      }),
      removalPolicy: dataRemovalPolicy(props.destroyData),
      autoDeleteObjects: props.destroyData,
    });

    // `eventBridgeEnabled` would add a custom resource and its function for what is one property of the bucket.
    (this.bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
  }
}

function retention({ mode, days }: { mode: 'GOVERNANCE' | 'COMPLIANCE'; days: number }): ObjectLockRetention {
  const duration = Duration.days(days);
  return mode === ObjectLockMode.COMPLIANCE
    ? ObjectLockRetention.compliance(duration)
    : ObjectLockRetention.governance(duration);
}
