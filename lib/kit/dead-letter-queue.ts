import { Validations } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { PipelineQueue, type PipelineQueueProps } from './pipeline-queue';

/** Keeps events that could not be delivered until a person has looked at them. */
export class DeadLetterQueue extends PipelineQueue {
  constructor(scope: Construct, id: string, props: Pick<PipelineQueueProps, 'queueName' | 'encryptionKey'>) {
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'Queue', props);
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-SQS3', reason: 'This is a dead-letter queue itself.' },
      { id: 'Serverless-SQSRedrivePolicy', reason: 'This is a dead-letter queue itself.' },
    );
  }
}
