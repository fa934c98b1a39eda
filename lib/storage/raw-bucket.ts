import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnBucket, ObjectLockMode, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { DEAD_LETTERS_PREFIX } from '../contracts/prefixes';
import type { AccessLogBucket } from '../kit/access-log-bucket';
import { PipelineBucket } from '../kit/pipeline-bucket';

export interface RawBucketProps {
  readonly encryptionKey: IKey;
  readonly accessLogs: AccessLogBucket;
  /** How long a superseded or deleted version is kept (days). */
  readonly oldVersionDays: number;
  /** How long the values of dead letters are kept (days). */
  readonly deadLetterDays: number;
  /** Write-once protection, if any. */
  readonly objectLock: Settings['data']['objectLock'] | undefined;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/** The landing area: files as their producers sent them, every version kept, each arrival announced to EventBridge. */
export class RawBucket extends PipelineBucket {
  constructor(scope: Construct, id: string, { oldVersionDays, deadLetterDays, objectLock, ...props }: RawBucketProps) {
    super(scope, id, {
      ...props,
      versioned: true,
      serverAccessLogsPrefix: 'raw/',
      lifecycleRules: [
        {
          id: 'expire-old-versions',
          noncurrentVersionExpiration: Duration.days(oldVersionDays),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
        {
          id: 'expire-dead-letters',
          prefix: DEAD_LETTERS_PREFIX,
          expiration: Duration.days(deadLetterDays),
          // No file is made of them, so nothing needs the version that expired.
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
      ...(objectLock && { objectLockEnabled: true, objectLockDefaultRetention: retention(objectLock) }),
    });

    // `eventBridgeEnabled` would add a custom resource and its function for what is one property of the bucket.
    (this.node.defaultChild as CfnBucket).notificationConfiguration = {
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
