import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { AwsClient } from 'aws4fetch';

/** The account and region of the local AWS; the `local` environment in lib/config deploys there. */
export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';

/** What any AWS client (SDK, CLI, Spark) needs in its environment to speak to the local AWS. The credentials open nothing. */
export const awsEnvironment = (endpoint: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: ACCOUNT,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
});

/** What any client of the SDK needs to speak to the local AWS. */
export const clientOptions = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'local' },
});

/** Clients of the local AWS's services. */
export function awsClients(endpoint: string) {
  const options = clientOptions(endpoint);
  const airflow = new AwsClient({ ...options.credentials, region: REGION, service: 'airflow', retries: 0 });
  const dms = new AwsClient({ ...options.credentials, region: REGION, service: 'dms', retries: 0 });
  return {
    cloudFormation: new CloudFormationClient(options),
    /** An action of DMS: the packages have no client of it. */
    async dms(action: string, request: Readonly<Record<string, unknown>>): Promise<unknown> {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonDMSv20160101.${action}` };
      const answer = await dms.fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(request) });
      if (!answer.ok) throw new Error(`${action} failed: ${await answer.text()}`);
      return answer.json();
    },
    dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient(options)),
    /** MWAA's API by its paths: the packages have no client of it that knows InvokeRestApi. */
    mwaa: (path: string, init?: RequestInit): Promise<Response> => airflow.fetch(`${endpoint}${path}`, init),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    secretsManager: new SecretsManagerClient(options),
    sfn: new SFNClient({ ...options, disableHostPrefix: true }),
    sns: new SNSClient(options),
    sqs: new SQSClient(options),
    ssm: new SSMClient(options),
  };
}

export type AwsClients = ReturnType<typeof awsClients>;
