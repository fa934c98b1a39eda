import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { acknowledgeCheckov } from './acknowledge-checkov';

const RUNTIME_REASON = 'The CDK chooses the runtime of its own function and moves it with its releases.';
const CALLER_REASON = 'Called by CloudFormation, which waits for the answer and reports a failure in the stack events.';

/** Acknowledges what rules find in a function that the CDK adds for a custom resource: its code and settings belong to the CDK. */
export function acknowledgeCdkFunction(provider: IConstruct, handler: IConstruct): void {
  Validations.of(provider).acknowledge(
    { id: 'AwsSolutions-L1', reason: RUNTIME_REASON },
    { id: 'Serverless-LambdaLatestVersion', reason: RUNTIME_REASON },
    { id: 'Serverless-LambdaTracing', reason: CALLER_REASON },
    { id: 'Serverless-LambdaDLQ', reason: CALLER_REASON },
  );
  acknowledgeCheckov(
    handler,
    { id: 'CKV_AWS_115', reason: 'Called once in a deployment: there is nothing to limit.' },
    { id: 'CKV_AWS_116', reason: CALLER_REASON },
    { id: 'CKV_AWS_117', reason: 'It talks to S3 only, by its role and TLS.' },
    { id: 'CKV_AWS_173', reason: 'Its variables, if any, hold no secret.' },
  );
}
