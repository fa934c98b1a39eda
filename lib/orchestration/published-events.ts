import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnEventSourceMapping, EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { OrchestrationSettings } from '../config/orchestration-settings';
import type { Settings } from '../config/schema';
import { PUBLISHED_EVENT } from '../contracts/published-event';
import { DeadLetterQueue } from '../kit/dead-letter-queue';
import { allowKey } from '../kit/grants';
import { type FunctionNetwork, PipelineFunction } from '../kit/pipeline-function';
import { deliveryOf } from '../kit/rule-delivery';

export interface PublishedEventsProps {
  /** First part of the names. */
  readonly prefix: string;
  /** State machine whose announcements count: those of another environment in the account look the same. */
  readonly stateMachineName: string;
  readonly environmentName: string;
  readonly encryptionKey: IKey;
  readonly events: OrchestrationSettings['events'];
  /** Where the function runs if Airflow is reached from inside a VPC alone. */
  readonly network: FunctionNetwork | undefined;
  readonly settings: Settings;
}

/**
 * Airflow's role that the function acts in: the least one that may create asset events in every release of Airflow 3.
 * "Access Control", documentation of the FAB auth manager.
 */
const AIRFLOW_ROLE = 'Op';

/** Announcements in one call of the function at most; they become one event for Airflow. */
const LARGEST_BATCH = 1000;

/**
 * From "Reviews Published" to an event of Airflow's asset. A queue stands between, so that a storm is a few calls, and an Airflow
 * that is out of reach gets everything once it is back.
 */
export class PublishedEvents extends Construct {
  readonly queue: Queue;
  readonly deadLetters: DeadLetterQueue;
  readonly notifyAirflow: PipelineFunction;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PublishedEventsProps,
  ) {
    super(scope, id);
    const { prefix, encryptionKey, events } = props;
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: `${prefix}-orchestration-dead-letters`,
      encryptionKey,
    });
    this.queue = new Queue(this, 'Queue', {
      queueName: `${prefix}-published`,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      deliveryDelay: Duration.seconds(events.deliveryDelaySeconds),
      visibilityTimeout: Duration.seconds(events.retrySeconds),
      deadLetterQueue: { queue: this.deadLetters.queue, maxReceiveCount: events.attempts },
    });
    this.addRule();
    this.notifyAirflow = this.createFunction();
    this.connect();
  }

  private addRule(): void {
    const executions = Stack.of(this).formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${this.props.stateMachineName}:`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    new Rule(this, 'Rule', {
      ruleName: `${this.props.prefix}-reviews-published`,
      description: 'Hands announcements of published reviews to what notifies Airflow',
      eventPattern: {
        source: [PUBLISHED_EVENT.source],
        detailType: [PUBLISHED_EVENT.detailType],
        detail: {
          executionArn: Match.prefix(executions),
          records: { published: Match.greaterThan(0) },
        },
      },
      targets: [new SqsQueue(this.queue, deliveryOf(this.deadLetters.queue))],
    });
  }

  private createFunction(): PipelineFunction {
    const { prefix, encryptionKey, environmentName, network, settings } = this.props;
    const notify = new PipelineFunction(this, 'NotifyAirflow', {
      functionName: `${prefix}-notify-airflow`,
      description: 'Tells Airflow that reviews were published, so that it runs dbt',
      entry: 'lib/functions/notify-airflow/handler.ts',
      size: settings.functions.notifyAirflow,
      environment: { AIRFLOW_ENVIRONMENT: environmentName },
      encryptionKey,
      logRetentionDays: settings.logs.retentionDays,
      // One event is as good as many: calls side by side would only make more of them. A message that finds the function busy is
      // received once more than need be, for which the number of attempts has room.
      reservedConcurrency: 1,
      ...(network && { network }),
    });
    notify.acknowledgeSynchronousCalls(
      'its event source mapping, after whose last try SQS moves the message to the dead-letter queue',
    );
    notify.role.addToPolicy(
      new PolicyStatement({
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
        resources: [this.queue.queueArn],
      }),
    );
    allowKey(notify.role, encryptionKey);
    // "Granting access to the Apache Airflow REST API", Amazon MWAA User Guide.
    notify.role.addToPolicy(
      new PolicyStatement({
        actions: ['airflow:InvokeRestApi'],
        resources: [
          Stack.of(this).formatArn({
            service: 'airflow',
            resource: 'role',
            resourceName: `${environmentName}/${AIRFLOW_ROLE}`,
          }),
        ],
      }),
    );
    return notify;
  }

  private connect(): void {
    const { batchingWindowSeconds } = this.props.events;
    const source = new EventSourceMapping(this, 'Source', {
      target: this.notifyAirflow.function,
      eventSourceArn: this.queue.queueArn,
      // More than ten need a window. "Using Lambda with Amazon SQS", AWS Lambda Developer Guide.
      batchSize: batchingWindowSeconds > 0 ? LARGEST_BATCH : 10,
      maxBatchingWindow: Duration.seconds(batchingWindowSeconds),
      reportBatchItemFailures: true,
    });
    Validations.of(source.node.defaultChild as CfnEventSourceMapping).acknowledge({
      id: 'Serverless-LambdaEventSourceMappingDestination',
      reason:
        'Lambda offers no failure destination for SQS sources: the dead-letter queue of the queue itself takes that place.',
    });
  }
}
