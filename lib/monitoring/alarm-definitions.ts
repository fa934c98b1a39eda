import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Settings } from '../config/schema';
import type { IntakeStack } from '../intake/intake-stack';
import type { PublishedEvents } from '../orchestration/published-events';
import type { ProcessingStack } from '../processing/processing-stack';

/** An alarm: what is measured over five minutes, and the value at which somebody must act. */
export interface AlarmDefinition {
  readonly metric: IMetric;
  readonly threshold: number;
  /** What it means and what to do. */
  readonly description: string;
  /** Whether it calls somebody; one that does not is on the dashboard only. @default true */
  readonly calls?: boolean;
}

const PERIOD = Duration.minutes(5);

/** What is watched. */
export interface Watched {
  readonly processing: ProcessingStack;
  readonly intake: IntakeStack;
  /** Undefined where Airflow is not deployed. */
  readonly publishedEvents: PublishedEvents | undefined;
}

/** The alarms of the pipeline by name. */
export function alarmDefinitions(
  thresholds: Settings['alarms'],
  { processing, intake, publishedEvents }: Watched,
): Record<string, AlarmDefinition> {
  const { stateMachine } = processing.reviews;
  const counted = { period: PERIOD, statistic: Stats.SUM };
  const highest = { period: PERIOD, statistic: Stats.MAXIMUM };

  const functions = {
    'register-files': processing.functions.registerFiles,
    'record-outcome': processing.functions.recordOutcome,
    'record-failure': processing.functions.recordFailure,
    ...(processing.ledgerWatch && { 'watch-ledger': processing.ledgerWatch.watch }),
    ...(intake.batching && { 'start-batch': intake.batching.startBatch }),
    ...(publishedEvents && { 'notify-airflow': publishedEvents.notifyAirflow }),
  };
  const ends = {
    failed: stateMachine.metricFailed(counted),
    'timed-out': stateMachine.metricTimedOut(counted),
    aborted: stateMachine.metricAborted(counted),
  };
  const deadLetters = {
    intake: intake.deadLetters,
    processing: processing.deadLetters,
    ...(publishedEvents && { orchestration: publishedEvents.deadLetters }),
  };

  return {
    ...named(ends, 'executions', (metric) => ({
      metric,
      threshold: thresholds.failedExecutions,
      description:
        'Executions of the review intake did not succeed: see the alert of each, fix the cause, start them again with the same input.',
      // Each has an alert of its own. Where that fails, so do calls of record-failure, or its event becomes a dead letter.
      calls: false,
    })),
    ...named(deadLetters, 'dead-letters', (queue) => ({
      metric: queue.metricApproximateNumberOfMessagesVisible(highest),
      threshold: thresholds.deadLetters,
      description: 'Events could not be delivered: read the messages of this queue, fix the cause, then redrive them.',
    })),
    ...named(functions, 'errors', (fn) => ({
      metric: fn.metricErrors(counted),
      threshold: thresholds.functionErrors,
      description: 'Calls of this function failed: see its log.',
    })),
    ...named(functions, 'throttles', (fn) => ({
      metric: fn.metricThrottles(counted),
      threshold: thresholds.functionErrors,
      description: "Calls of this function were refused: compare the account's limit of concurrent calls with its use.",
    })),
    'object-created-failed-invocations': {
      metric: new Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap: { RuleName: intake.ruleName },
        ...counted,
      }),
      threshold: 1,
      description:
        'Events of new files could not be delivered: see the dead letters of the intake, then start them again.',
    },
    ...(processing.ledgerWatch && {
      'lingering-files': {
        metric: processing.ledgerWatch.lingeringFiles,
        threshold: 1,
        description:
          'Files are received or processed for too long: see the log of watch-ledger for their names, then the executions that have them.',
      },
    }),
    ...(intake.batching && {
      'intake-queue-age': {
        metric: intake.batching.queue.metricApproximateAgeOfOldestMessage(highest),
        threshold: thresholds.queueAgeSeconds,
        description:
          'Files wait too long for their batch: see the log of start-batch and the limits of Step Functions.',
      },
    }),
    ...(publishedEvents && {
      'published-queue-age': {
        metric: publishedEvents.queue.metricApproximateAgeOfOldestMessage(highest),
        threshold: thresholds.publishedQueueAgeSeconds,
        description:
          'Announcements of published reviews wait too long for Airflow: see the log of notify-airflow and the state of the environment.',
      },
    }),
  };
}

function named<T>(
  subjects: Record<string, T>,
  suffix: string,
  define: (subject: T) => AlarmDefinition,
): Record<string, AlarmDefinition> {
  return Object.fromEntries(Object.entries(subjects).map(([name, subject]) => [`${name}-${suffix}`, define(subject)]));
}
