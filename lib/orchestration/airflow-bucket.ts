import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { dataRemovalPolicy } from '../kit/removal';
import { BUCKET_FOLDERS } from './airflow-names';

export interface AirflowBucketProps {
  /** The environment's: MWAA wants the same key for both. */
  readonly encryptionKey: IKey;
  readonly accessLogs: IBucket;
  /** How long the artifacts of dbt's runs are kept (days). */
  readonly artifactDays: number;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/** How long a superseded DAG or model is kept (days): to look up what a run of last month ran. */
const OLD_VERSION_DAYS = 90;

/** DAGs, dbt's project, startup script and requirements, which MWAA reads; artifacts of dbt's runs, which tasks write. */
export class AirflowBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: AirflowBucketProps) {
    super(scope, id);
    const bucket = new Bucket(this, 'Bucket', {
      // MWAA takes only a versioned bucket without public access. "Create an Amazon S3 bucket for Amazon MWAA", Amazon MWAA User Guide.
      versioned: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: props.accessLogs,
      serverAccessLogsPrefix: 'airflow/',
      lifecycleRules: [
        {
          id: 'expire-old-versions',
          noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        {
          id: 'expire-artifacts',
          prefix: `${BUCKET_FOLDERS.artifacts}/`,
          expiration: Duration.days(props.artifactDays),
        },
      ],
      removalPolicy: dataRemovalPolicy(props.destroyData),
      autoDeleteObjects: props.destroyData,
    });
    // The CDK's declarations are not written for exactOptionalPropertyTypes: a Bucket is an IBucket.
    this.bucket = bucket as IBucket;
  }
}
