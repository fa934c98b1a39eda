import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, type ISource, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeCdkFunction } from '../kit/acknowledge-cdk-function';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { bundledHere } from '../kit/local-bundling';
import { allowLogEncryption, PipelineLogGroup } from '../kit/log-group';
import { BUCKET_FOLDERS } from './airflow-names';
import { DAGS_SOURCE, stageDagsFolder } from './dags-folder';
import type { EnvironmentFile } from './environment-files';

export interface DeliveryProps {
  readonly bucket: Bucket;
  /** Files that the environment names by their content. */
  readonly files: readonly EnvironmentFile[];
  /** Log of the function that copies. */
  readonly logGroupName: string;
  readonly logEncryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/** Brings what Airflow runs to its bucket, at every deployment that changes it. */
export class Delivery extends Construct {
  constructor(scope: Construct, id: string, props: DeliveryProps) {
    super(scope, id);
    const logGroup = new PipelineLogGroup(this, 'Log', {
      logGroupName: props.logGroupName,
      encryptionKey: props.logEncryptionKey,
      retentionDays: props.logRetentionDays,
    });
    // Not the CDK's own, which may write to every log of the account.
    const role = new Role(this, 'Role', {
      description: "Role of the function that fills Airflow's bucket",
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    logGroup.grantWrite(role);
    allowLogEncryption(role, props.logEncryptionKey);
    const shared = {
      // The CDK's declarations are not written for exactOptionalPropertyTypes: a Bucket is an IBucket.
      destinationBucket: props.bucket as IBucket,
      role,
      logGroup,
      // The AWS command line in it is slow with the 128 MiB that are the default.
      memoryLimit: 512,
      outputObjectKeys: false,
    };

    // A DAG or model that was deleted from the repository must be deleted from the bucket too, or Airflow would still run it.
    new BucketDeployment(this, 'Dags', {
      ...shared,
      sources: [dagsFolder()],
      destinationKeyPrefix: BUCKET_FOLDERS.dags,
      prune: true,
    });
    for (const { folder, fileName, content } of props.files) {
      new BucketDeployment(this, folder, {
        ...shared,
        sources: [Source.data(fileName, content)],
        destinationKeyPrefix: folder,
        // The one before stays: a deployment that is rolled back returns to it.
        prune: false,
      });
    }
    this.acknowledge(role);
  }

  private acknowledge(role: Role): void {
    const granted = 'Granted by the CDK to the function with which it copies files';
    acknowledgeWildcards(
      role,
      ...['s3:GetObject*', 's3:GetBucket*', 's3:List*', 's3:DeleteObject*', 's3:Abort*'].map((action) => ({
        action,
        reason: `${granted}; on its own bucket of assets and on Airflow's.`,
      })),
      ...['kms:GenerateDataKey*', 'kms:ReEncrypt*'].map((action) => ({
        action,
        reason: `${granted}; of the key of Airflow's bucket.`,
      })),
      { resource: '/*', reason: `${granted}; of its bucket of assets, and of Airflow's, any object.` },
    );
    // One function for all deliveries of a stack, which the CDK puts beside them.
    const functions = Stack.of(this).node.children.filter(({ node }) =>
      node.id.startsWith('Custom::CDKBucketDeployment'),
    );
    for (const provider of functions) acknowledgeCdkFunction(provider, provider);
  }
}

function dagsFolder(): ISource {
  // dbt's project and the contract are outside the folder of the DAGs.
  return Source.asset(DAGS_SOURCE, bundledHere(stageDagsFolder));
}
