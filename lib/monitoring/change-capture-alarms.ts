import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Settings } from '../config/schema';
import type { AlarmDefinition } from './alarm-definition';
import type { Watched } from './watched';

const BYTES_PER_MEBIBYTE = 1024 ** 2;

/** Hours without a look at the task: the schedule looks every 15 minutes. */
const SILENT_HOURS = 2;

/** How far a task of DMS is behind, in seconds. "AWS DMS metrics", AWS DMS User Guide: those of the task. */
export const captureLag = (replicationName: string, metricName: 'CDCLatencySource' | 'CDCLatencyTarget'): Metric =>
  new Metric({
    namespace: 'AWS/DMS',
    metricName,
    dimensionsMap: { ReplicationInstanceIdentifier: replicationName, ReplicationTaskIdentifier: replicationName },
    period: Duration.minutes(5),
    statistic: Stats.MAXIMUM,
  });

/** Log that a database keeps for a slot, in bytes. "Amazon CloudWatch metrics for Amazon RDS", Amazon RDS User Guide. */
export const slotLag = (rdsInstance: string): Metric =>
  new Metric({
    namespace: 'AWS/RDS',
    metricName: 'OldestReplicationSlotLag',
    dimensionsMap: { DBInstanceIdentifier: rdsInstance },
    period: Duration.minutes(5),
    statistic: Stats.MAXIMUM,
  });

/** Alarms on change capture: a slot that is not read holds back the database's log until its disk is full. */
export function changeCaptureAlarms(
  capture: Watched['changeCapture'],
  thresholds: Pick<Settings['alarms'], 'captureLagSeconds' | 'slotLagMebibytes'>,
): Record<string, AlarmDefinition> {
  if (!capture) return {};
  const { replicationName, keeper, rdsInstance } = capture;
  const lag = (metricName: Parameters<typeof captureLag>[1]): AlarmDefinition => ({
    metric: captureLag(replicationName, metricName),
    threshold: thresholds.captureLagSeconds,
    description:
      'Change capture is behind the database: docs/change-capture.md says how to find out why, and when a larger instance helps.',
  });
  return {
    'change-capture-source-lag': lag('CDCLatencySource'),
    'change-capture-target-lag': lag('CDCLatencyTarget'),
    'change-capture-failed': {
      metric: keeper.metricFailed({ period: Duration.minutes(5), statistic: Stats.SUM }),
      threshold: 1,
      description:
        'The task of change capture could not be looked at or started: see the last execution, and docs/change-capture.md.',
    },
    'change-capture-silent': {
      metric: keeper.metricSucceeded({ period: Duration.hours(1), statistic: Stats.SUM }),
      threshold: 1,
      expectedWithinPeriods: SILENT_HOURS,
      description: `Nothing has looked after change capture for ${SILENT_HOURS} hours: see its schedule, and docs/change-capture.md.`,
    },
    ...(rdsInstance && {
      'change-capture-slot': {
        metric: slotLag(rdsInstance),
        threshold: thresholds.slotLagMebibytes * BYTES_PER_MEBIBYTE,
        description:
          'The database keeps much of its log for a slot, and stops when its disk is full: make the task go on, or drop the slot if nothing needs it (docs/change-capture.md).',
      },
    }),
  };
}
