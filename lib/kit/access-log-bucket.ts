import { Duration, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledgeCheckov } from './acknowledge-checkov';
import { PipelineBucket } from './pipeline-bucket';

export interface AccessLogBucketProps {
  /** How long logs are kept (days). */
  readonly expiryDays: number;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/**
 * Takes the server access logs of the other buckets. Encrypted with keys of S3's own: access logs cannot be delivered to a bucket
 * whose default encryption is a KMS key ("Enabling Amazon S3 server access logging", Amazon S3 User Guide).
 */
export class AccessLogBucket extends PipelineBucket {
  constructor(scope: Construct, id: string, props: AccessLogBucketProps) {
    super(scope, id, {
      lifecycleRules: [
        {
          id: 'expire-access-logs',
          expiration: Duration.days(props.expiryDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      destroyData: props.destroyData,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'This bucket receives the access logs; logging its own accesses into itself would never end.',
    });
    acknowledgeCheckov(
      this,
      {
        id: 'CKV_AWS_18',
        reason: 'It receives the access logs; logging its own accesses into itself would never end.',
      },
      { id: 'CKV_AWS_21', reason: 'A log is written once and expires; nothing overwrites it.' },
    );
  }
}
