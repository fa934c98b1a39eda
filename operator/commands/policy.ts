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

/** Makes the ARNs of the deployment's account: of a service's resources, and of buckets and objects by their path. */
function arnsOf({ outputs, region }: Deployment) {
  const [, partition = 'aws', , , account = ''] = outputs.ReviewIntakeStateMachineArn.split(':');
  return {
    arn: (service: string, resource: string) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
    inS3: (...path: string[]) => `arn:${partition}:s3:::${path.join('/')}`,
  };
}

const stateMachinesOf = ({ outputs }: Deployment): string[] =>
  [outputs.ReviewIntakeStateMachineArn, outputs.CompactionStateMachineArn].filter((arn) => arn !== undefined);

/** Permissions of the commands that only show. */
function looking(deployment: Deployment): Statement[] {
  const { outputs, prefix } = deployment;
  const { arn, inS3 } = arnsOf(deployment);
  const table = arn('dynamodb', `table/${outputs.LedgerTableName}`);
  const stateMachines = stateMachinesOf(deployment);
  const executions = stateMachines.map((one) => `${one.replace(':stateMachine:', ':execution:')}:*`);
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
      Resource: [inS3(outputs.RawBucketName), inS3(outputs.ProcessedBucketName)],
    },
    {
      Sid: 'ReadWhatIsPublished',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: [TABLES_PREFIX, WORK_PREFIX].map((prefix) => inS3(outputs.ProcessedBucketName, `${prefix}*`)),
    },
    ...(outputs.AirflowBucketName
      ? [
          {
            Sid: 'ReadTheResultsOfDbt',
            Effect: 'Allow' as const,
            Action: ['s3:ListBucket', 's3:GetObject'],
            Resource: [inS3(outputs.AirflowBucketName), inS3(outputs.AirflowBucketName, 'artifacts/*')],
          },
        ]
      : []),
    {
      Sid: 'FollowExecutions',
      Effect: 'Allow',
      Action: ['states:ListExecutions', 'states:DescribeExecution', 'states:GetExecutionHistory'],
      Resource: [...stateMachines, ...executions],
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

/** Permissions of the commands that start executions, repair, upload or show personal data. */
function repairing(deployment: Deployment): Statement[] {
  const { outputs, prefix } = deployment;
  const { arn, inS3 } = arnsOf(deployment);
  return [
    {
      Sid: 'StartExecutions',
      Effect: 'Allow',
      Action: ['states:StartExecution'],
      Resource: stateMachinesOf(deployment),
    },
    {
      Sid: 'RecordFailuresAndRefreshTables',
      Effect: 'Allow',
      Action: ['lambda:InvokeFunction'],
      Resource: ['record-failure', 'refresh-external-tables'].map((name) =>
        arn('lambda', `function:${prefix}-${name}`),
      ),
    },
    {
      Sid: 'RemoveOrphans',
      Effect: 'Allow',
      Action: ['s3:DeleteObject', 's3:PutObject'],
      Resource: [inS3(outputs.ProcessedBucketName, `${TABLES_PREFIX}*`)],
    },
    {
      Sid: 'RecordWhoAsked',
      Effect: 'Allow',
      Action: ['s3:PutObject'],
      Resource: [inS3(outputs.ProcessedBucketName, 'audit/*')],
    },
    {
      Sid: 'PutFiles',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
      Resource: [inS3(outputs.RawBucketName, `${REVIEWS_PREFIX}*`)],
    },
    {
      Sid: 'RedriveDeadLetters',
      Effect: 'Allow',
      Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:SendMessage'],
      Resource: [arn('sqs', `${prefix}-*`)],
    },
  ];
}

/** Further permissions of `erase`: no other command deletes received files for good. */
function erasing(deployment: Deployment): Statement[] {
  const { outputs } = deployment;
  const { arn, inS3 } = arnsOf(deployment);
  return [
    {
      Sid: 'EraseReceivedFiles',
      Effect: 'Allow',
      Action: ['s3:GetObjectVersion', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      Resource: [inS3(outputs.RawBucketName, `${REVIEWS_PREFIX}*`)],
    },
    {
      Sid: 'EraseWorkAreas',
      Effect: 'Allow',
      Action: ['s3:DeleteObject'],
      Resource: [inS3(outputs.ProcessedBucketName, `${WORK_PREFIX}*`)],
    },
    {
      Sid: 'MarkErasedFiles',
      Effect: 'Allow',
      Action: ['dynamodb:UpdateItem'],
      Resource: [arn('dynamodb', `table/${outputs.LedgerTableName}`)],
    },
  ];
}

/** The IAM policy that an operator needs: for the commands that show, for all but `erase` and `destroy`, or for all but `destroy`. */
export const policyDocument = (deployment: Deployment, options: { readOnly?: true; erase?: true }) => ({
  Version: '2012-10-17',
  Statement: [
    ...looking(deployment),
    ...(options.readOnly ? [] : repairing(deployment)),
    ...(options.erase ? erasing(deployment) : []),
  ],
});
