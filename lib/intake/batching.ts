import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { RUNNING_EXECUTIONS_KEY } from '../contracts/running-executions';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { allowKey } from '../kit/grants';
import { PipelineFunction } from '../kit/pipeline-function';
import { PipelineQueue } from '../kit/pipeline-queue';
import { QueueTrigger } from '../kit/queue-trigger';

type Batched = Extract<Settings['intake'], { mode: 'batched' }>;

/** An intake whose files pass a queue. */
export type QueuedIntake = Batched | { readonly mode: 'single'; readonly maximumExecutions: number };

export interface BatchingProps {
  /** First part of the names. */
  readonly prefix: string;
  readonly stateMachine: Pick<StateMachine, 'stateMachineArn' | 'stateMachineName'>;
  readonly deadLetters: IQueue;
  /** Key of the queue and of the logs. */
  readonly encryptionKey: IKey;
  /** Has a row that says which executions run. */
  readonly ledger: Table;
  /** Key of the ledger. */
  readonly dataKey: IKey;
  readonly intake: QueuedIntake;
  readonly settings: Pick<Settings, 'functions' | 'logs'>;
}

const BYTES_OF_MEBIBYTE = 1024 ** 2;

/** Tries before a file's event becomes a dead letter. */
const RECEIVE_ATTEMPTS = 10;

/** Without a window: as many messages as Lambda takes then. "CreateEventSourceMapping", AWS Lambda API Reference. */
const ONE_BY_ONE = {
  windowSeconds: 0,
  maximumMessages: 10,
  maximumFiles: 1,
  maximumMebibytes: 1,
  maximumConcurrency: 2,
};

/** How soon a file that found no execution free is tried again (seconds): each try is a call and two requests for ten files. */
const WAIT_SECONDS = 15;

/**
 * Gathers the events of files that arrive within a window and starts one execution for all of them, or one for each file; files wait in
 * its queue while as many executions run as may.
 */
export class Batching extends Construct {
  readonly queue: PipelineQueue;
  readonly startBatch: PipelineFunction;

  constructor(scope: Construct, id: string, props: BatchingProps) {
    super(scope, id);
    const { intake, settings, stateMachine, encryptionKey } = props;
    const batch = intake.mode === 'batched' ? { ...intake, maximumMessages: intake.maximumFiles } : ONE_BY_ONE;
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
      description: 'Starts executions of the review intake for the files in its queue, while fewer run than may',
      size,
      environment: {
        STATE_MACHINE_ARN: stateMachine.stateMachineArn,
        LEDGER_TABLE: props.ledger.tableName,
        QUEUE_URL: this.queue.queueUrl,
        MAXIMUM_EXECUTIONS: String(intake.maximumExecutions),
        MAXIMUM_FILES: String(batch.maximumFiles),
        WAIT_SECONDS: String(Math.min(batch.windowSeconds || WAIT_SECONDS, WAIT_SECONDS)),
        MAXIMUM_FILE_BYTES: String(batch.maximumMebibytes * BYTES_OF_MEBIBYTE),
      },
      encryptionKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    this.allow(props);
    new QueueTrigger(this, 'Source', {
      queue: this.queue,
      encryptionKey,
      target: this.startBatch,
      batchSize: batch.maximumMessages,
      window: Duration.seconds(batch.windowSeconds),
      maxConcurrency: batch.maximumConcurrency,
    });
  }

  /** To start executions, to see which have ended, to note which run, and to have files wait. */
  private allow({ stateMachine, ledger, dataKey }: BatchingProps): void {
    const { role } = this.startBatch;
    role.addToPolicy(
      new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachine.stateMachineArn] }),
    );
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${stateMachine.stateMachineName}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addToPolicy(new PolicyStatement({ actions: ['states:DescribeExecution'], resources: [executions] }));
    acknowledgeWildcards(role, { resource: ':*', reason: 'Executions are named after the files that they take.' });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        resources: [ledger.tableArn],
        // One row, and none of a file. "Using IAM policy conditions for fine-grained access control", Amazon DynamoDB Developer Guide.
        conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [RUNNING_EXECUTIONS_KEY.object] } },
      }),
    );
    allowKey(role, dataKey);
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
  }
}
