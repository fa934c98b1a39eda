import { type Stack, Validations } from 'aws-cdk-lib';

/**
 * Acknowledges what the rules find in the function that the CDK adds to empty a stack's buckets before their deletion.
 *
 * It is there only if data may be destroyed, runs once in the life of a stack, and its code and settings belong to the CDK.
 */
export function acknowledgeObjectDeletion(stack: Stack): void {
  const provider = stack.node.findChild('Custom::S3AutoDeleteObjectsCustomResourceProvider');
  Validations.of(provider).acknowledge(
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
      reason: 'Set by the CDK: the function may write its log and, by the bucket policies, delete objects.',
    },
    {
      id: 'AwsSolutions-L1',
      reason: 'The CDK chooses the runtime of its own function and moves it with its releases.',
    },
    {
      id: 'Serverless-LambdaLatestVersion',
      reason: 'The CDK chooses the runtime of its own function and moves it with its releases.',
    },
    {
      id: 'Serverless-LambdaTracing',
      reason: 'Called once by CloudFormation, when the stack is deleted; its outcome is in the stack events.',
    },
    {
      id: 'Serverless-LambdaDLQ',
      reason: 'Called by CloudFormation, which waits for the answer and reports a failure in the stack events.',
    },
  );
}
