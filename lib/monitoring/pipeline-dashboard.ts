import { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Watched } from './watched';

export interface PipelineDashboardProps {
  readonly dashboardName: string;
  readonly alarms: readonly Alarm[];
  readonly watched: Watched;
}

const HALF = 12;

/** One page: what is alarming, what ran, how long it took, what waits. */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    const { stateMachine, deadLetters, receivedFiles, announcements } = props.watched;
    const counted = { period: Duration.minutes(5), statistic: Stats.SUM };
    const highest = { period: Duration.minutes(5), statistic: Stats.MAXIMUM };
    new Dashboard(this, 'Dashboard', {
      dashboardName: props.dashboardName,
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: 2 * HALF })],
        [
          new GraphWidget({
            title: 'Executions',
            left: [
              stateMachine.metricStarted(counted),
              stateMachine.metricSucceeded(counted),
              stateMachine.metricFailed(counted),
            ],
            width: HALF,
          }),
          new GraphWidget({
            title: 'Duration of an execution (p50, p95)',
            left: ['p50', 'p95'].map((statistic) =>
              stateMachine.metricTime({ period: Duration.minutes(5), statistic }),
            ),
            width: HALF,
          }),
        ],
        [
          new GraphWidget({
            title: 'Dead letters',
            left: Object.values(deadLetters).map((queue) => queue.metricApproximateNumberOfMessagesVisible(highest)),
            width: HALF,
          }),
          ...(receivedFiles
            ? [
                new GraphWidget({
                  title: 'Files that wait for a batch',
                  left: [receivedFiles.metricApproximateNumberOfMessagesVisible(highest)],
                  right: [receivedFiles.metricApproximateAgeOfOldestMessage(highest)],
                  width: HALF,
                }),
              ]
            : []),
        ],
        ...(announcements
          ? [
              [
                new GraphWidget({
                  title: 'Announcements that wait for Airflow',
                  left: [announcements.metricApproximateNumberOfMessagesVisible(highest)],
                  right: [announcements.metricApproximateAgeOfOldestMessage(highest)],
                  width: HALF,
                }),
              ],
            ]
          : []),
      ],
    });
  }
}
