import { Duration, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { dataRemovalPolicy } from './removal';

export interface AccessLogBucketProps {
  /** How long logs are kept (days). */
  readonly expiryDays: number;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/** Takes the server access logs of the other buckets. */
export class AccessLogBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: AccessLogBucketProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      // Server access logs cannot be delivered to a bucket whose default encryption is a KMS key.
      // "Enabling Amazon S3 server access logging", Amazon S3 User Guide.
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [
        {
          id: 'expire-access-logs',
          expiration: Duration.days(props.expiryDays),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: dataRemovalPolicy(props.destroyData),
      autoDeleteObjects: props.destroyData,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'This bucket receives the access logs; logging its own accesses into itself would never end.',
    });
    // The CDK's declarations are not written for exactOptionalPropertyTypes: a Bucket is an IBucket.
    this.bucket = bucket as IBucket;
  }
}
