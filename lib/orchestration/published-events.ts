import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { OrchestrationSettings } from '../config/orchestration-settings';
import type { Settings } from '../config/schema';
import { PUBLISHED_EVENT } from '../contracts/published-event';
import { DeadLetterQueue } from '../kit/dead-letter-queue';
import { type FunctionNetwork, PipelineFunction } from '../kit/pipeline-function';
import { PipelineQueue } from '../kit/pipeline-queue';
import { QueueTrigger } from '../kit/queue-trigger';
import { deliveryOf } from '../kit/rule-delivery';

export interface PublishedEventsProps {
  /** First part of the names. */
  readonly prefix: string;
  /** State machine whose announcements count: those of another environment in the account look the same. */
  readonly stateMachineName: string;
  readonly environmentName: string;
  readonly encryptionKey: IKey;
  readonly events: OrchestrationSettings['events'];
  /** Where the function runs, if Airflow can be reached only from inside a VPC. */
  readonly network: FunctionNetwork | undefined;
  readonly settings: Pick<Settings, 'functions' | 'logs'>;
}

/**
 * Airflow's role that the function acts in: the least one that may create asset events in every release of Airflow 3.
 * "Access Control", documentation of the FAB auth manager.
 */
const AIRFLOW_ROLE = 'Op';

/**
 * One event is as good as many, so as few calls at a time as a mapping takes. Not reserved concurrency: the poller would go on
 * calling a busy function and use up attempts, and an account with a low limit has nothing to reserve.
 * "Configuring scaling behavior for SQS event source mappings", AWS Lambda Developer Guide.
 */
const LEAST_CONCURRENCY = 2;

/** Announcements in one call of the function at most; they become one event for Airflow. */
const MAX_BATCH_SIZE = 1000;

/**
 * From "Reviews Published" to an event of Airflow's asset. The queue in between turns a burst into a few calls, and keeps
 * announcements while Airflow cannot be reached.
 */
export class PublishedEvents extends Construct {
  readonly queue: PipelineQueue;
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
    this.queue = new PipelineQueue(this, 'Queue', {
      queueName: `${prefix}-published`,
      encryptionKey,
      deliveryDelay: Duration.seconds(events.deliveryDelaySeconds),
      visibilityTimeout: Duration.seconds(events.retrySeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: events.attempts },
    });
    this.addRule();
    this.notifyAirflow = this.createFunction();
    const { batchingWindowSeconds } = events;
    new QueueTrigger(this, 'Source', {
      queue: this.queue,
      encryptionKey,
      target: this.notifyAirflow,
      // More than ten need a window. "Using Lambda with Amazon SQS", AWS Lambda Developer Guide.
      batchSize: batchingWindowSeconds > 0 ? MAX_BATCH_SIZE : 10,
      window: Duration.seconds(batchingWindowSeconds),
      maxConcurrency: LEAST_CONCURRENCY,
    });
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
      targets: [new SqsQueue(this.queue, deliveryOf(this.deadLetters))],
    });
  }

  private createFunction(): PipelineFunction {
    const { prefix, encryptionKey, environmentName, network, settings } = this.props;
    const notify = new PipelineFunction(this, 'NotifyAirflow', {
      prefix,
      name: 'notify-airflow',
      description: 'Tells Airflow that reviews were published, so that it runs dbt',
      size: settings.functions.notifyAirflow,
      environment: { AIRFLOW_ENVIRONMENT: environmentName },
      encryptionKey,
      logRetentionDays: settings.logs.retentionDays,
      ...(network && { network }),
    });
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
}
