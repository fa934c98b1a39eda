import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Settings } from '../config/schema';
import { type AlarmDefinition, operatorCommand } from './alarm-definition';
import { changeCaptureAlarms } from './change-capture-alarms';
import { connectorAlarms } from './connector-alarms';
import { jobAlarms, lateBatches, lateForAnalysts, presentationFreshness, sourceAlarms } from './data-alarms';
import { streamAlarms } from './stream-alarms';
import type { Watched } from './watched';

const PERIOD = Duration.minutes(5);

/** The alarms of the pipeline by name. */
export function alarmDefinitions(
  thresholds: Settings['alarms'],
  {
    stateMachine,
    compaction,
    ruleName,
    functions,
    deadLetters,
    receivedFiles,
    announcements,
    lingeringFiles,
    dbt,
    ...rest
  }: Watched,
): Record<string, AlarmDefinition> {
  const counted = { period: PERIOD, statistic: Stats.SUM };
  const highest = { period: PERIOD, statistic: Stats.MAXIMUM };

  const ends = {
    failed: stateMachine.metricFailed(counted),
    'timed-out': stateMachine.metricTimedOut(counted),
    aborted: stateMachine.metricAborted(counted),
  };

  return {
    ...named(ends, 'executions', (metric) => ({
      metric,
      threshold: thresholds.failedExecutions,
      description: `Executions of the review intake did not succeed: see the alert of each, fix the cause, then: ${operatorCommand('replay --failed')}`,
      // Each has an alert of its own. Where that fails, so do calls of record-failure, or its event becomes a dead letter.
      calls: false,
    })),
    ...named(deadLetters, 'dead-letters', (queue) => ({
      metric: queue.metricApproximateNumberOfMessagesVisible(highest),
      threshold: thresholds.deadLetters,
      description: `Events could not be delivered: fix the cause (docs/operations.md names it for each queue), then: ${operatorCommand('redrive-dlq')}`,
    })),
    ...named(functions, 'errors', (fn) => ({
      metric: fn.metricErrors(counted),
      threshold: thresholds.functionErrors,
      description: `Calls of this function failed: see what is stuck with: ${operatorCommand('status')}, then its log.`,
    })),
    ...named(functions, 'throttles', (fn) => ({
      metric: fn.metricThrottles(counted),
      threshold: thresholds.functionErrors,
      description: `Calls of this function were refused: raise the account's limit of concurrent calls, then: ${operatorCommand('reconcile --repair')}`,
    })),
    'object-created-failed-invocations': {
      metric: new Metric({
        namespace: 'AWS/Events',
        metricName: 'FailedInvocations',
        dimensionsMap: { RuleName: ruleName },
        ...counted,
      }),
      threshold: 1,
      description: `Events of new files could not be delivered: fix the cause, then: ${operatorCommand('redrive-dlq')} and: ${operatorCommand('reconcile --repair')}`,
    },
    ...(lingeringFiles && {
      'lingering-files': {
        metric: lingeringFiles,
        threshold: 1,
        description: `Files are received or processed for too long: the log of watch-ledger names them; then: ${operatorCommand('reconcile --repair')}`,
      },
    }),
    ...(compaction && {
      ...named(
        { failed: compaction.metricFailed(counted), 'timed-out': compaction.metricTimedOut(counted) },
        'compactions',
        (metric) => ({
          metric,
          threshold: 1,
          description: `Small files could not be compacted, and nothing that readers see has changed: docs/runbook.md, "A compaction fails"; then: ${operatorCommand('compact')}`,
        }),
      ),
    }),
    ...(receivedFiles && {
      'intake-queue-age': {
        metric: receivedFiles.metricApproximateAgeOfOldestMessage(highest),
        threshold: thresholds.queueAgeSeconds,
        description: `Files are not taken out of the queue: see what waits and what runs with: ${operatorCommand('status')}, then the log of start-batch.`,
      },
    }),
    ...connectorAlarms(rest.connectors),
    ...changeCaptureAlarms(rest.changeCapture, thresholds),
    ...streamAlarms(thresholds, rest),
    ...sourceAlarms(thresholds, rest),
    ...jobAlarms(thresholds, rest),
    ...(dbt && {
      'presentation-freshness': presentationFreshness(thresholds, dbt),
      'late-batches': lateBatches(rest.service),
      'arrival-to-queryable': lateForAnalysts(thresholds, rest.service),
    }),
    ...(announcements && {
      'published-queue-age': {
        metric: announcements.metricApproximateAgeOfOldestMessage(highest),
        threshold: thresholds.publishedQueueAgeSeconds,
        description: `Announcements of published reviews wait too long for Airflow: see the last run of dbt with: ${operatorCommand('status')}, then the log of notify-airflow.`,
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
