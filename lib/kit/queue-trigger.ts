import { type Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnEventSourceMapping, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { allowKey } from './grants';
import type { PipelineFunction } from './pipeline-function';

export interface QueueTriggerProps {
  readonly queue: Pick<IQueue, 'queueArn'>;
  /** Key of the queue. */
  readonly encryptionKey: IKey;
  /** Takes the messages and returns those that SQS must deliver again. */
  readonly target: PipelineFunction;
  /** Maximum number of messages in one call. */
  readonly batchSize: number;
  /** How long the first message of a batch waits for more. */
  readonly window: Duration;
  /** Maximum number of concurrent calls. @default - Lambda decides */
  readonly maxConcurrency?: number;
}

/** Calls a function with the messages of a queue. */
export class QueueTrigger extends EventSourceMapping {
  constructor(scope: Construct, id: string, props: QueueTriggerProps) {
    const { queue, target } = props;
    super(scope, id, {
      target,
      eventSourceArn: queue.queueArn,
      batchSize: props.batchSize,
      maxBatchingWindow: props.window,
      ...(props.maxConcurrency !== undefined && { maxConcurrency: props.maxConcurrency }),
      reportBatchItemFailures: true,
    });
    target.role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
        resources: [queue.queueArn],
      }),
    );
    allowKey(target.role, props.encryptionKey);
    target.acknowledgeSynchronousCalls(
      'its event source mapping, after whose last try SQS moves the message to the dead-letter queue',
    );
    Validations.of(this.node.defaultChild as CfnEventSourceMapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason:
        'Lambda offers no failure destination for SQS sources: the dead-letter queue of the queue itself takes that place.',
    });
  }
}
