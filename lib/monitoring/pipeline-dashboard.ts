import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  MathExpression,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { JOBS, METRIC_DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../contracts/metrics';
import { orchestrationContract } from '../contracts/orchestration';
import { captureLag, slotLag } from './change-capture-alarms';
import { dbtSuccesses, jobMemory, jobRunSeconds } from './data-alarms';
import { streamMetric } from './stream-alarms';
import type { Watched } from './watched';

export interface PipelineDashboardProps {
  readonly dashboardName: string;
  readonly alarms: readonly Alarm[];
  readonly watched: Watched;
}

const WIDTH = 24;
const PERIOD = Duration.minutes(5);
const COUNTED = { period: PERIOD, statistic: Stats.SUM };
const HIGHEST = { period: PERIOD, statistic: Stats.MAXIMUM };

/** One page that reads like the flow: what is alarming, then each stage from the sources to the presentation tables. */
export class PipelineDashboard extends Construct {
  constructor(scope: Construct, id: string, { dashboardName, alarms, watched }: PipelineDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      dashboardName,
      widgets: [
        [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: WIDTH })],
        ...stage('Connectors fetch on schedule', connectors(watched)),
        ...stage('Change capture follows a database', changeCapture(watched)),
        ...stage('Streams read topics of Kafka', streams(watched)),
        ...stage('1 Raw: files arrive', received(watched)),
        ...stage('2 Executions of the review intake', executions(watched)),
        ...stage('3 Clean and flatten: every record is published, a duplicate, or rejected', records(watched)),
        ...stage('4 Published: how long it took, and what dbt does with it', published(watched)),
        ...stage('What could not be delivered, and what fails', troubles(watched)),
      ],
    });
  }
}

/** A heading, and below it the graphs of a stage side by side; nothing for a stage that the environment does not have. */
function stage(
  title: string,
  graphs: readonly (readonly [string, readonly IMetric[], (readonly IMetric[])?])[],
): IWidget[][] {
  if (graphs.length === 0) return [];
  const width = WIDTH / graphs.length;
  return [
    [new TextWidget({ markdown: `## ${title}`, width: WIDTH, height: 1 })],
    graphs.map(
      ([name, left, right = []]) => new GraphWidget({ title: name, left: [...left], right: [...right], width }),
    ),
  ];
}

type Graphs = Parameters<typeof stage>[1];

/** A line for each source, those included that come later. "Search expression syntax", Amazon CloudWatch User Guide. */
const bySource = ({ service }: Watched, metricName: string, statistic: string): IMetric =>
  new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},${METRIC_DIMENSIONS.environment},${METRIC_DIMENSIONS.source}} MetricName="${metricName}" ${METRIC_DIMENSIONS.environment}="${service}"', '${statistic}', ${PERIOD.toSeconds()})`,
    label: '',
    period: PERIOD,
    usingMetrics: {},
  });

const connectors = ({ connectors: all }: Watched): Graphs => {
  const machines = Object.entries(all);
  if (machines.length === 0) return [];
  return [
    [
      'Runs that succeed',
      machines.map(([label, { stateMachine }]) => stateMachine.metricSucceeded({ ...COUNTED, label })),
    ],
    ['Runs that fail', machines.map(([label, { stateMachine }]) => stateMachine.metricFailed({ ...COUNTED, label }))],
    [
      'Duration of a run (longest)',
      machines.map(([label, { stateMachine }]) => stateMachine.metricTime({ ...HIGHEST, label })),
    ],
  ];
};

const changeCapture = ({ changeCapture: capture }: Watched): Graphs => {
  if (!capture) return [];
  const { replicationName, rdsInstance, keeper } = capture;
  return [
    [
      'Behind the database (s)',
      [captureLag(replicationName, 'CDCLatencySource'), captureLag(replicationName, 'CDCLatencyTarget')],
    ],
    ...(rdsInstance ? [['Log that the database keeps for the slot (bytes)', [slotLag(rdsInstance)]] as const] : []),
    ['Looks at the task', [keeper.metricSucceeded(COUNTED), keeper.metricFailed(COUNTED)]],
  ];
};

const streams = ({ service, streams: names }: Watched): Graphs => {
  const graph = (title: string, name: Parameters<typeof streamMetric>[2], statistic: string): Graphs[number] => [
    title,
    names.map((stream) => streamMetric(service, stream, name, statistic).with({ label: stream })),
  ];
  if (names.length === 0) return [];
  return [
    graph('Messages stored', 'messages', Stats.SUM),
    graph('Messages that wait', 'lag', Stats.MAXIMUM),
    graph('Dead letters', 'deadLetters', Stats.SUM),
  ];
};

const received = (watched: Watched): Graphs => [
  ['Files by source', [bySource(watched, METRICS.files, 'Sum')]],
  ['Bytes by source', [bySource(watched, METRICS.bytes, 'Sum')]],
  ...(watched.receivedFiles
    ? [
        [
          'Files that wait for an execution',
          [
            watched.receivedFiles.metricApproximateNumberOfMessagesVisible(HIGHEST),
            // No execution was free when they were looked at.
            watched.receivedFiles.metricApproximateNumberOfMessagesDelayed(HIGHEST),
          ],
          [watched.receivedFiles.metricApproximateAgeOfOldestMessage(HIGHEST)],
        ] as const,
      ]
    : []),
];

const executions = ({ stateMachine, service }: Watched): Graphs => [
  [
    'Executions',
    [stateMachine.metricStarted(COUNTED), stateMachine.metricSucceeded(COUNTED), stateMachine.metricFailed(COUNTED)],
  ],
  [
    'Duration of an execution (p50, p95)',
    ['p50', 'p95'].map((statistic) => stateMachine.metricTime({ period: PERIOD, statistic })),
  ],
  ['Memory of the jobs (bytes)', JOBS.map((job) => jobMemory(service, job).with({ label: job }))],
  ['Run time of the jobs (s)', JOBS.map((job) => jobRunSeconds(service, job).with({ label: job }))],
];

const records = (watched: Watched): Graphs => [
  ['Records read', [bySource(watched, METRICS.read, 'Sum')]],
  ['Records published', [bySource(watched, METRICS.published, 'Sum')]],
  ['Records rejected (percent)', [bySource(watched, METRICS.rejectedPercent, 'Maximum')]],
  ['Duplicates', [bySource(watched, METRICS.duplicates, 'Sum')]],
];

const published = (watched: Watched): Graphs => [
  ['From arrival to published (s, p95)', [bySource(watched, METRICS.secondsToPublished, 'p95')]],
  ...(watched.announcements
    ? [
        [
          'Announcements that wait for Airflow',
          [watched.announcements.metricApproximateNumberOfMessagesVisible(HIGHEST)],
          [watched.announcements.metricApproximateAgeOfOldestMessage(HIGHEST)],
        ] as const,
      ]
    : []),
  ...(watched.dbt
    ? [
        ['Successful runs of dbt', [dbtSuccesses(watched.dbt, Duration.hours(1))]] as const,
        [
          'From arrival to queryable (s)',
          [bySource(watched, orchestrationContract.queryableMetric, 'Maximum')],
        ] as const,
      ]
    : []),
];

const troubles = (watched: Watched): Graphs => [
  ['Files that are not published', [bySource(watched, METRICS.failedFiles, 'Sum')]],
  [
    'Dead letters',
    Object.values(watched.deadLetters).map((queue) => queue.metricApproximateNumberOfMessagesVisible(HIGHEST)),
  ],
  ['Errors of functions', Object.values(watched.functions).map((fn) => fn.metricErrors(COUNTED))],
];
