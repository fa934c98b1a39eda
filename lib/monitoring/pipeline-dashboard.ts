import { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { IntakeStack } from '../intake/intake-stack';
import type { PublishedEvents } from '../orchestration/published-events';
import type { ProcessingStack } from '../processing/processing-stack';

export interface PipelineDashboardProps {
  readonly dashboardName: string;
  readonly alarms: readonly Alarm[];
  readonly processing: ProcessingStack;
  readonly intake: IntakeStack;
  /** Undefined where Airflow is not deployed. */
  readonly publishedEvents: PublishedEvents | undefined;
}

const HALF = 12;

/** One page: what is alarming, what ran, how long it took, what waits. */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, props: PipelineDashboardProps) {
    super(scope, id);
    const { stateMachine } = props.processing.reviews;
    const counted = { period: Duration.minutes(5), statistic: Stats.SUM };
    const highest = { period: Duration.minutes(5), statistic: Stats.MAXIMUM };
    const { batching } = props.intake;
    const { publishedEvents } = props;

    const deadLetters = [
      props.intake.deadLetters,
      props.processing.deadLetters,
      ...(publishedEvents ? [publishedEvents.deadLetters] : []),
    ];

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
            left: deadLetters.map((queue) => queue.metricApproximateNumberOfMessagesVisible(highest)),
            width: HALF,
          }),
          ...(batching
            ? [
                new GraphWidget({
                  title: 'Files that wait for a batch',
                  left: [batching.queue.metricApproximateNumberOfMessagesVisible(highest)],
                  right: [batching.queue.metricApproximateAgeOfOldestMessage(highest)],
                  width: HALF,
                }),
              ]
            : []),
        ],
        ...(publishedEvents
          ? [
              [
                new GraphWidget({
                  title: 'Announcements that wait for Airflow',
                  left: [publishedEvents.queue.metricApproximateNumberOfMessagesVisible(highest)],
                  right: [publishedEvents.queue.metricApproximateAgeOfOldestMessage(highest)],
                  width: HALF,
                }),
              ],
            ]
          : []),
      ],
    });
  }
}
