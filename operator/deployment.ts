import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { LOCAL_ENVIRONMENT, pathOf } from '../lib/config/environments';
import { resourcePrefix } from '../lib/config/resource-prefix';
import type { Settings } from '../lib/config/schema';
import { loadSettings } from '../lib/config/settings';
import { clientOptions } from '../local/platform/aws-clients';
import { newestKept } from '../local/run/kept';
import { OperatorError } from './operator-error';

/** Stacks whose outputs say where everything is; without the last one the environment has no Airflow. */
const STACKS = ['storage', 'processing', 'intake'] as const;
const ORCHESTRATION = 'orchestration';

const outputsSchema = z.object({
  RawBucketName: z.string(),
  ProcessedBucketName: z.string(),
  LedgerTableName: z.string(),
  ReviewIntakeStateMachineArn: z.string(),
  CompactionStateMachineArn: z.string().optional(),
  IntakeQueueUrl: z.string().optional(),
  IntakeDeadLetterQueueUrl: z.string().optional(),
  ProcessingDeadLetterQueueUrl: z.string().optional(),
  PublishedQueueUrl: z.string().optional(),
  OrchestrationDeadLetterQueueUrl: z.string().optional(),
  AirflowBucketName: z.string().optional(),
});

/** A deployed environment: the prefix of its stacks' names, and clients of its services. */
export interface Deployment {
  /** Name of its file in `environments/`. */
  readonly environment: string;
  /** AWS region of the clients. */
  readonly region: string;
  readonly settings: Settings;
  /** First part of the names of its stacks, functions and secrets. */
  readonly prefix: string;
  readonly outputs: z.infer<typeof outputsSchema>;
  readonly cloudFormation: CloudFormationClient;
  readonly dynamoDb: DynamoDBDocumentClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly secretsManager: SecretsManagerClient;
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly sts: STSClient;
}

type ClientOptions = Partial<ReturnType<typeof clientOptions>>;

/** Outputs of a stack by name; empty if there is no such stack. */
async function outputsOf(client: CloudFormationClient, stack: string): Promise<Record<string, string>> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  } catch (error) {
    if ((error as Error).name === 'ValidationError') return {};
    throw error;
  }
}

/**
 * Finds a deployed environment by its name.
 *
 * @throws OperatorError where it is not deployed
 * @throws ConfigurationError where there is no such environment
 * @throws Error where no run is kept up on this machine, with how to start one
 */
export async function connect(environment: string): Promise<Deployment> {
  const { region } = loadSettings(environment);
  return environment === LOCAL_ENVIRONMENT
    ? connectLocally(newestKept().endpoint)
    : find(environment, { ...(region && { region }) });
}

/** The environment that is deployed on the local AWS at an endpoint. */
export const connectLocally = (endpoint: string): Promise<Deployment> =>
  find(LOCAL_ENVIRONMENT, clientOptions(endpoint));

async function find(environment: string, options: ClientOptions): Promise<Deployment> {
  const cloudFormation = new CloudFormationClient(options);
  const region = await cloudFormation.config.region().catch(() => {
    throw new OperatorError(
      `Environment ${environment} names no AWS region, and neither does your own configuration of AWS.`,
      `Set "region" in ${pathOf(environment)}, or the variable AWS_REGION.`,
    );
  });
  await cloudFormation.config.credentials().catch((error: Error) => {
    throw new OperatorError(
      `AWS gives no credentials: ${error.message}`,
      'Log in first (aws sso login, or AWS_PROFILE); "aws sts get-caller-identity" shows who you are.',
    );
  });
  const settings = loadSettings(environment);
  const prefix = resourcePrefix(settings);
  const found = await Promise.all(
    [...STACKS, ORCHESTRATION].map((part) => outputsOf(cloudFormation, `${prefix}-${part}`)),
  );
  const absent = STACKS.filter((_, index) => Object.keys(found[index] ?? {}).length === 0);
  if (absent.length > 0) {
    const names = absent.map((part) => `${prefix}-${part}`).join(', ');
    throw new OperatorError(
      `Environment ${environment} is not deployed in ${region}: no stack ${names}.`,
      `Deploy it with: npx cdk deploy --all -c env=${environment}`,
    );
  }
  return {
    environment,
    region,
    settings,
    prefix,
    outputs: outputsSchema.parse(Object.assign({}, ...found)),
    cloudFormation,
    dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient(options)),
    lambda: new LambdaClient(options),
    s3: new S3Client({ ...options, forcePathStyle: environment === LOCAL_ENVIRONMENT }),
    secretsManager: new SecretsManagerClient(options),
    sfn: new SFNClient({ ...options, disableHostPrefix: environment === LOCAL_ENVIRONMENT }),
    sqs: new SQSClient(options),
    sts: new STSClient(options),
  };
}
