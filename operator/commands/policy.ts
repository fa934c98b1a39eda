import { REVIEWS_PREFIX, TABLES_PREFIX, WORK_PREFIX } from '../../lib/contracts/prefixes';
import { dbtLoginSecretName } from '../../lib/contracts/warehouse-names';
import type { Deployment } from '../deployment';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: object;
}

/** What every command that only shows needs. */
function looking({ outputs, prefix, region }: Deployment): Statement[] {
  const [, partition = 'aws', , , account = ''] = outputs.ReviewIntakeStateMachineArn.split(':');
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const bucket = (name: string, ...keys: string[]) =>
    [name, ...keys.map((key) => `${name}/${key}`)].map((path) => `arn:${partition}:s3:::${path}`);
  const table = arn('dynamodb', `table/${outputs.LedgerTableName}`);
  const executions = outputs.ReviewIntakeStateMachineArn.replace(':stateMachine:', ':execution:');
  return [
    {
      Sid: 'FindTheStacks',
      Effect: 'Allow',
      Action: ['cloudformation:DescribeStacks'],
      Resource: [arn('cloudformation', `stack/${prefix}-*`)],
    },
    {
      Sid: 'ReadTheLedger',
      Effect: 'Allow',
      Action: ['dynamodb:Query', 'dynamodb:GetItem'],
      Resource: [table, `${table}/index/*`],
    },
    {
      Sid: 'SeeTheBuckets',
      Effect: 'Allow',
      Action: ['s3:ListBucket', 's3:ListBucketVersions'],
      Resource: [...bucket(outputs.RawBucketName), ...bucket(outputs.ProcessedBucketName)],
    },
    {
      Sid: 'ReadWhatIsPublished',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: bucket(outputs.ProcessedBucketName, `${TABLES_PREFIX}*`, `${WORK_PREFIX}*`).slice(1),
    },
    ...(outputs.AirflowBucketName
      ? [
          {
            Sid: 'ReadTheResultsOfDbt',
            Effect: 'Allow' as const,
            Action: ['s3:ListBucket', 's3:GetObject'],
            Resource: bucket(outputs.AirflowBucketName, 'artifacts/*'),
          },
        ]
      : []),
    {
      Sid: 'FollowExecutions',
      Effect: 'Allow',
      Action: ['states:ListExecutions', 'states:DescribeExecution', 'states:GetExecutionHistory'],
      Resource: [outputs.ReviewIntakeStateMachineArn, `${executions}:*`],
    },
    {
      Sid: 'MeasureQueues',
      Effect: 'Allow',
      Action: ['sqs:GetQueueAttributes'],
      Resource: [arn('sqs', `${prefix}-*`)],
    },
    {
      Sid: 'AskSnowflake',
      Effect: 'Allow',
      Action: ['secretsmanager:GetSecretValue'],
      Resource: [arn('secretsmanager', `secret:${dbtLoginSecretName(prefix)}-*`)],
    },
    {
      Sid: 'UseTheKeys',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: [arn('kms', 'key/*')],
      Condition: {
        'ForAnyValue:StringEquals': {
          'kms:ResourceAliases': [`alias/${prefix}-storage-data`, `alias/${prefix}-operations`],
        },
      },
    },
  ];
}

/** What the commands need that start executions, repair, upload or show personal data. */
function repairing({ outputs, prefix, region }: Deployment): Statement[] {
  const [, partition = 'aws', , , account = ''] = outputs.ReviewIntakeStateMachineArn.split(':');
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`;
  const objects = (bucket: string, key: string) => `arn:${partition}:s3:::${bucket}/${key}`;
  return [
    {
      Sid: 'StartExecutions',
      Effect: 'Allow',
      Action: ['states:StartExecution'],
      Resource: [outputs.ReviewIntakeStateMachineArn],
    },
    {
      Sid: 'RecordFailures',
      Effect: 'Allow',
      Action: ['lambda:InvokeFunction'],
      Resource: [arn('lambda', `function:${prefix}-record-failure`)],
    },
    {
      Sid: 'RemoveOrphans',
      Effect: 'Allow',
      Action: ['s3:DeleteObject', 's3:PutObject'],
      Resource: [objects(outputs.ProcessedBucketName, `${TABLES_PREFIX}*`)],
    },
    {
      Sid: 'RecordWhoAsked',
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: [objects(outputs.ProcessedBucketName, 'audit/*')],
    },
    {
      Sid: 'PutFiles',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
      Resource: [objects(outputs.RawBucketName, `${REVIEWS_PREFIX}*`)],
    },
    {
      Sid: 'RedriveDeadLetters',
      Effect: 'Allow',
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:SendMessage'],
      Resource: [arn('sqs', `${prefix}-*`)],
    },
  ];
}

/** The IAM policy that an operator needs: for the commands that show, or for all but `destroy` and `erase`. */
export const policyDocument = (deployment: Deployment, options: { readOnly?: true }) => ({
  Version: '2012-10-17',
  Statement: [...looking(deployment), ...(options.readOnly ? [] : repairing(deployment))],
});
