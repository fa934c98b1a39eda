import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { AccessLogBucket } from '../kit/access-log-bucket';
import { PipelineBucket } from '../kit/pipeline-bucket';
import { BUCKET_FOLDERS } from './airflow-names';

export interface AirflowBucketProps {
  /** The environment's: MWAA wants the same key for both. */
  readonly encryptionKey: IKey;
  readonly accessLogs: AccessLogBucket;
  /** How long the artifacts of dbt's runs are kept (days). */
  readonly artifactDays: number;
  /** Whether the bucket goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/** How long a superseded DAG or model is kept (days): to look up what a run of last month ran. */
const OLD_VERSION_DAYS = 90;

/** DAGs, dbt's project, startup script and requirements, which MWAA reads; artifacts of dbt's runs, which tasks write. */
export class AirflowBucket extends PipelineBucket {
  constructor(scope: Construct, id: string, { artifactDays, ...props }: AirflowBucketProps) {
    super(scope, id, {
      ...props,
      // MWAA takes only a versioned bucket without public access. "Create an Amazon S3 bucket for Amazon MWAA", Amazon MWAA User Guide.
      versioned: true,
      serverAccessLogsPrefix: 'airflow/',
      lifecycleRules: [
        {
          id: 'expire-old-versions',
          noncurrentVersionExpiration: Duration.days(OLD_VERSION_DAYS),
          expiredObjectDeleteMarker: true,
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
        { id: 'expire-artifacts', prefix: `${BUCKET_FOLDERS.artifacts}/`, expiration: Duration.days(artifactDays) },
      ],
    });
  }
}
