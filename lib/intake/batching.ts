import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { PipelineFunction } from '../kit/pipeline-function';
import { PipelineQueue } from '../kit/pipeline-queue';
import { QueueTrigger } from '../kit/queue-trigger';

export interface BatchingProps {
  /** First part of the names. */
  readonly prefix: string;
  readonly stateMachine: IStateMachine;
  readonly deadLetters: IQueue;
  readonly encryptionKey: IKey;
  readonly batch: Extract<Settings['intake'], { mode: 'batched' }>;
  readonly settings: Pick<Settings, 'functions' | 'logs'>;
}

const BYTES_OF_MEBIBYTE = 1024 ** 2;

/** Tries before a file's event becomes a dead letter. */
const RECEIVE_ATTEMPTS = 10;

/** Gathers the events of files that arrive within a window and starts one execution for all of them. */
export class Batching extends Construct {
  readonly queue: PipelineQueue;
  readonly startBatch: PipelineFunction;

  constructor(scope: Construct, id: string, props: BatchingProps) {
    super(scope, id);
    const { batch, settings, stateMachine, encryptionKey } = props;
    const size = settings.functions.startBatch;

    this.queue = new PipelineQueue(this, 'Queue', {
      queueName: `${props.prefix}-intake`,
      encryptionKey,
      // Six times the function's timeout, and the window on top of it.
      // "Using Lambda with Amazon SQS", AWS Lambda Developer Guide.
      visibilityTimeout: Duration.seconds(6 * size.timeoutSeconds + batch.windowSeconds),
      deadLetterQueue: { queue: props.deadLetters, maxReceiveCount: RECEIVE_ATTEMPTS },
    });

    this.startBatch = new PipelineFunction(this, 'StartBatch', {
      prefix: props.prefix,
      name: 'start-batch',
      description: 'Starts one execution of the review intake for the files that arrived within a window',
      size,
      environment: {
        STATE_MACHINE_ARN: stateMachine.stateMachineArn,
        MAXIMUM_FILE_BYTES: String(batch.maximumMebibytes * BYTES_OF_MEBIBYTE),
      },
      encryptionKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    this.startBatch.role.addToPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] }),
    );
    new QueueTrigger(this, 'Source', {
      queue: this.queue,
      encryptionKey,
      target: this.startBatch,
      batchSize: batch.maximumFiles,
      window: Duration.seconds(batch.windowSeconds),
      maxConcurrency: batch.maximumConcurrency,
    });
  }
}
