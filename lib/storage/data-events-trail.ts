import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { REVIEWS_PREFIX, TABLES_PREFIX } from '../contracts/prefixes';
import type { AccessLogBucket } from '../kit/access-log-bucket';
import { acknowledgeCheckov } from '../kit/acknowledge-checkov';
import { PipelineBucket } from '../kit/pipeline-bucket';

export interface DataEventsTrailProps {
  readonly trailName: string;
  readonly rawBucket: Bucket;
  readonly processedBucket: Bucket;
  /** Key of the events. */
  readonly encryptionKey: Key;
  readonly accessLogs: AccessLogBucket;
  /** How long events are kept (days). */
  readonly expiryDays: number;
  readonly destroyData: boolean;
}

/**
 * Records who has read or written which received file and published table.
 * "Logging data events" and "Amazon S3 bucket policy for CloudTrail", AWS CloudTrail User Guide.
 */
export class DataEventsTrail extends Construct {
  constructor(scope: Construct, id: string, props: DataEventsTrailProps) {
    super(scope, id);
    const { rawBucket, processedBucket, encryptionKey, trailName } = props;
    const stack = Stack.of(this);
    const trailArn = stack.formatArn({
      service: 'cloudtrail',
      resource: 'trail',
      resourceName: trailName,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    const bucket = new PipelineBucket(this, 'Events', {
      encryptionKey,
      accessLogs: props.accessLogs,
      serverAccessLogsPrefix: 'data-events/',
      versioned: true,
      lifecycleRules: [
        {
          id: 'expire-data-events',
          expiration: Duration.days(props.expiryDays),
          noncurrentVersionExpiration: Duration.days(1),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      destroyData: props.destroyData,
    });
    const principals = [new ServicePrincipal('cloudtrail.amazonaws.com')];
    const ofThisTrail = { 'aws:SourceArn': trailArn };
    bucket.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['s3:GetBucketAcl'],
        resources: [bucket.bucketArn],
        conditions: { StringEquals: ofThisTrail },
      }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${stack.account}/*`)],
        conditions: { StringEquals: { ...ofThisTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
    for (const actions of [['kms:GenerateDataKey'], ['kms:DescribeKey']]) {
      encryptionKey.addToResourcePolicy(
        new PolicyStatement({ principals, actions, resources: ['*'], conditions: { StringEquals: ofThisTrail } }),
      );
    }
    const trail = new CfnTrail(this, 'Trail', {
      trailName,
      isLogging: true,
      s3BucketName: bucket.bucketName,
      kmsKeyId: encryptionKey.keyArn,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: false,
      isMultiRegionTrail: false,
      eventSelectors: [
        {
          readWriteType: 'All',
          includeManagementEvents: false,
          dataResources: [
            {
              type: 'AWS::S3::Object',
              values: [rawBucket.arnForObjects(REVIEWS_PREFIX), processedBucket.arnForObjects(TABLES_PREFIX)],
            },
          ],
        },
      ],
    });
    if (bucket.policy) trail.node.addDependency(bucket.policy);
    acknowledgeCheckov(trail, {
      id: 'CKV_AWS_67',
      reason:
        'It records two buckets, which are in this region; a trail for all regions is for the owner of the account to set up.',
    });
  }
}
