import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { type AlarmDefinition, operatorCommand } from './alarm-definition';
import type { Watched } from './watched';

/** Longest time that an alarm looks back over in hours. "PutMetricAlarm", Amazon CloudWatch API Reference. */
const LONGEST_HOURS = 168;

/** Alarms on connectors, whose failed runs have an alert of their own. */
export function connectorAlarms(connectors: Watched['connectors']): Record<string, AlarmDefinition> {
  const all = Object.entries(connectors).flatMap(([name, { stateMachine, runsPerDay }]) => {
    const hours = Math.ceil((2 * 24) / runsPerDay) + 1;
    const failed: [string, AlarmDefinition] = [
      `connector-${name}-failed`,
      {
        metric: stateMachine.metricFailed({ period: Duration.minutes(5), statistic: Stats.SUM }),
        threshold: 1,
        description: `Runs of the connector ${name} failed: see the alert of each, and docs/connectors.md.`,
        calls: false,
      },
    ];
    if (hours > LONGEST_HOURS) return [failed];
    const silent: [string, AlarmDefinition] = [
      `connector-${name}-silent`,
      {
        metric: stateMachine.metricSucceeded({ period: Duration.hours(1), statistic: Stats.SUM }),
        threshold: 1,
        expectedWithinPeriods: hours,
        description: `No run of the connector ${name} has succeeded for ${hours} hours: see its schedule and its last executions, then: ${operatorCommand('status')}`,
      },
    ];
    return [failed, silent];
  });
  return Object.fromEntries(all);
}
