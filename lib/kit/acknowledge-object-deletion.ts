import { type Stack, Validations } from 'aws-cdk-lib';
import { acknowledgeCdkFunction } from './acknowledge-cdk-function';

/**
 * Acknowledges what the rules find in the function that the CDK adds to empty a stack's buckets before their deletion.
 *
 * It is there only if data may be destroyed, runs once in the life of a stack, and its code and settings belong to the CDK.
 */
export function acknowledgeObjectDeletion(stack: Stack): void {
  const provider = stack.node.findChild('Custom::S3AutoDeleteObjectsCustomResourceProvider');
  Validations.of(provider).acknowledge({
    id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
    reason: 'Set by the CDK: the function may write its log and, by the bucket policies, delete objects.',
  });
  acknowledgeCdkFunction(provider, provider.node.findChild('Handler'));
}
