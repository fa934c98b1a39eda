import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { allowKey } from '../kit/grants';
import { PipelineFunction } from '../kit/pipeline-function';

export interface BatchingProps {
  /** First part of the names. */
  readonly prefix: string;
  readonly stateMachine: IStateMachine;
  readonly deadLetters: IQueue;
  readonly encryptionKey: IKey;
  readonly batch: Extract<Settings['intake'], { mode: 'batched' }>;
  readonly settings: Settings;
}

/** Tries before a file's event becomes a dead letter. */
const RECEIVE_ATTEMPTS = 10;

/** Gathers the events of files that arrive within a window and starts one execution for all of them. */
export class Batching extends Construct {
  readonly queue: Queue;
  readonly startBatch: PipelineFunction;

  constructor(scope: Construct, id: string, props: BatchingProps) {
    super(scope, id);
    const { batch, settings, stateMachine, encryptionKey } = props;
    const size = settings.functions.startBatch;

    this.queue = new Queue(this, 'Queue', {
      queueName: `${props.prefix}-intake`,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      // Six times the function's timeout, and the window on top of it.
      // "Using Lambda with Amazon SQS", AWS Lambda Developer Guide.
      visibilityTimeout: Duration.seconds(6 * size.timeoutSeconds + batch.windowSeconds),
      deadLetterQueue: { queue: props.deadLetters, maxReceiveCount: RECEIVE_ATTEMPTS },
    });

    this.startBatch = new PipelineFunction(this, 'StartBatch', {
      functionName: `${props.prefix}-start-batch`,
      description: 'Starts one execution of the review intake for the files that arrived within a window',
      entry: 'lib/functions/start-batch/handler.ts',
      size,
      environment: { STATE_MACHINE_ARN: stateMachine.stateMachineArn },
      encryptionKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    this.startBatch.acknowledgeSynchronousCalls(
      'its event source mapping, after whose last try SQS moves the message to the dead-letter queue',
    );
    const { role } = this.startBatch;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
        resources: [this.queue.queueArn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] }),
    );
    allowKey(role, encryptionKey);

    const source = new EventSourceMapping(this, 'Source', {
      target: this.startBatch.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: batch.maximumFiles,
      maxBatchingWindow: Duration.seconds(batch.windowSeconds),
      maxConcurrency: batch.maximumConcurrency,
      reportBatchItemFailures: true,
    });
    Validations.of(source.node.defaultChild as CfnEventSourceMapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason:
        'Lambda offers no failure destination for SQS sources: the dead-letter queue of the queue itself takes that place.',
    });
  }
}
