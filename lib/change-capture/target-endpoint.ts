import { Stack } from 'aws-cdk-lib';
import { CfnEndpoint } from 'aws-cdk-lib/aws-dms';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ChangeCaptureSettings } from '../config/change-capture-settings';
import { CHANGE_COLUMNS } from '../contracts/change-capture';
import { REVIEWS_PREFIX } from '../contracts/prefixes';
import { allowKey, allowListing, allowObjects } from '../kit/grants';

export interface TargetEndpointProps {
  readonly name: string;
  readonly settings: Pick<ChangeCaptureSettings, 'source' | 'batchSeconds'>;
  readonly rawBucket: Bucket;
  /** Key of the raw bucket. */
  readonly dataKey: IKey;
  readonly encryptionKey: IKey;
}

/** Size at which a file does not wait for more changes: DMS's own (kilobytes). */
const FILE_KILOBYTES = 32_000;

/** The raw bucket as DMS writes to it: Parquet, below the folder of the source. */
export class TargetEndpoint extends Construct {
  readonly endpoint: CfnEndpoint;

  constructor(scope: Construct, id: string, props: TargetEndpointProps) {
    super(scope, id);
    const { settings, rawBucket, dataKey } = props;
    const folder = `${REVIEWS_PREFIX}${settings.source}`;
    const { account } = Stack.of(this);
    const role = new Role(this, 'WriterRole', {
      description: `Lets DMS write files to ${folder}/`,
      assumedBy: new ServicePrincipal('dms.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    // "Prerequisites for using Amazon S3 as a target", AWS DMS User Guide; it deletes what it wrote to test the connection.
    const actions = ['s3:PutObject', 's3:DeleteObject', 's3:PutObjectTagging'];
    allowObjects(role, rawBucket, actions, `${folder}/*`, 'DMS names the files that it writes.');
    allowListing(role, rawBucket);
    allowKey(role, dataKey);
    this.endpoint = new CfnEndpoint(this, 'Endpoint', {
      endpointIdentifier: props.name,
      endpointType: 'target',
      engineName: 's3',
      kmsKeyId: props.encryptionKey.keyArn,
      s3Settings: {
        bucketName: rawBucket.bucketName,
        bucketFolder: folder,
        serviceAccessRoleArn: role.roleArn,
        expectedBucketOwner: account,
        encryptionMode: 'sse-kms',
        serverSideEncryptionKmsKeyId: dataKey.keyArn,
        dataFormat: 'parquet',
        parquetVersion: 'parquet-2-0',
        // Otherwise commits within one millisecond have one time.
        parquetTimestampInMillisecond: false,
        compressionType: 'gzip',
        includeOpForFullLoad: true,
        timestampColumnName: CHANGE_COLUMNS.committedAt,
        cdcMaxBatchInterval: settings.batchSeconds,
        cdcMinFileSize: FILE_KILOBYTES,
      },
    });
    this.endpoint.node.addDependency(role);
  }
}
