import { Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeCheckov } from './acknowledge-checkov';
import { allowLogEncryption, PipelineLogGroup } from './log-group';

export interface FunctionBasicsProps {
  readonly functionName: string;
  /** Key of the function's log. */
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/** The log of a function, and a role that allows only writing to it. */
export function functionBasics(
  scope: Construct,
  props: FunctionBasicsProps,
): { readonly logGroup: PipelineLogGroup; readonly role: Role } {
  const { functionName, encryptionKey } = props;
  const logGroup = new PipelineLogGroup(scope, 'Log', {
    logGroupName: `/aws/lambda/${functionName}`,
    encryptionKey,
    retentionDays: props.logRetentionDays,
  });
  // Not AWSLambdaBasicExecutionRole, which may write to every log of the account.
  const role = new Role(scope, 'Role', {
    description: `Role of the function ${functionName}`,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  logGroup.grantWrite(role);
  allowLogEncryption(role, encryptionKey);
  return { logGroup, role };
}

/** Why tracing needs a wildcard. */
export const TRACING_REASON =
  'Trace segments belong to no resource: xray:PutTraceSegments and xray:PutTelemetryRecords accept nothing else.';

/** Acknowledges what checkov asks of functions and the pipeline's do not have. */
export function acknowledgeFunctionBasics(of: LambdaFunction): void {
  acknowledgeCheckov(
    of,
    {
      id: 'CKV_AWS_115',
      reason: 'What is reserved is taken from all functions of the account; a new account has none to give.',
    },
    {
      id: 'CKV_AWS_173',
      reason: 'The variables hold names of resources, no secret; Lambda encrypts them by a key of its own.',
    },
  );
}

/** Acknowledges that a function is in no VPC. */
export function acknowledgeNoNetwork(of: LambdaFunction): void {
  acknowledgeCheckov(of, {
    id: 'CKV_AWS_117',
    reason:
      'What it talks to has public endpoints, reached by TLS and with its own role; in a VPC it would need a way out to each.',
  });
}

/** Acknowledges that nothing calls the function asynchronously, so that a dead-letter queue would stay empty. */
export function acknowledgeSynchronousCalls(of: LambdaFunction, caller: string): void {
  Validations.of(of).acknowledge({
    id: 'Serverless-LambdaDLQ',
    reason: `Called synchronously by ${caller}, which sees and handles every failure.`,
  });
  acknowledgeCheckov(of, { id: 'CKV_AWS_116', reason: `Called synchronously by ${caller}.` });
}
