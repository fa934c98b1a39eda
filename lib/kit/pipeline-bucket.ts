import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { dataRemovalPolicy } from './removal';

export interface PipelineBucketProps
  extends Pick<
    BucketProps,
    'versioned' | 'lifecycleRules' | 'objectLockEnabled' | 'objectLockDefaultRetention' | 'serverAccessLogsPrefix'
  > {
  /** Key of the objects. @default - keys of S3's own */
  readonly encryptionKey?: IKey;
  /** Bucket that takes the access logs. @default - accesses are not logged */
  readonly accessLogs?: Bucket;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/** A bucket as every bucket of the pipeline is: private, by TLS alone, without ACLs, and kept unless two keys say otherwise. */
export class PipelineBucket extends Bucket {
  constructor(scope: Construct, id: string, props: PipelineBucketProps) {
    const { encryptionKey, accessLogs, destroyData, ...more } = props;
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'Bucket', {
      ...more,
      ...(encryptionKey
        ? // One data key for the bucket instead of one for each object: thousands of small files cost no call to KMS each.
          { encryption: BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
        : { encryption: BucketEncryption.S3_MANAGED }),
      // The CDK's declarations are not written for exactOptionalPropertyTypes: a Bucket is an IBucket.
      ...(accessLogs && { serverAccessLogsBucket: accessLogs as IBucket }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: dataRemovalPolicy(destroyData),
      autoDeleteObjects: destroyData,
    });
  }
}
