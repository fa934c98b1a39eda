import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Settings } from '../config/schema';
import { METRIC_DIMENSIONS, METRICS_NAMESPACE, STREAM_METRICS } from '../contracts/metrics';
import type { AlarmDefinition } from './alarm-definition';
import type { Watched } from './watched';

/** A job that has ended is started again within five minutes, and reports every half minute. */
const SILENT_PERIODS = 3;

/** A metric of one stream. */
export const streamMetric = (
  service: string,
  stream: string,
  name: Exclude<keyof typeof STREAM_METRICS, 'dimension'>,
  statistic: string,
): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: STREAM_METRICS[name],
    dimensionsMap: { [METRIC_DIMENSIONS.environment]: service, [STREAM_METRICS.dimension]: stream },
    period: Duration.minutes(5),
    statistic,
  });

/** Alarms on the jobs that read topics of Kafka. */
export function streamAlarms(
  thresholds: Pick<Settings['alarms'], 'streamLagMessages'>,
  { service, streams }: Pick<Watched, 'service' | 'streams'>,
): Record<string, AlarmDefinition> {
  const all = streams.flatMap((stream): [string, AlarmDefinition][] => [
    [
      `stream-${stream}-lag`,
      {
        metric: streamMetric(service, stream, 'lag', Stats.MAXIMUM),
        threshold: thresholds.streamLagMessages,
        description: `Messages of the stream ${stream} wait in the topic: docs/streams.md, "It falls behind".`,
      },
    ],
    [
      `stream-${stream}-stopped`,
      {
        metric: streamMetric(service, stream, 'messages', Stats.SAMPLE_COUNT),
        threshold: 1,
        expectedWithinPeriods: SILENT_PERIODS,
        description: `The job of the stream ${stream} does not run, though it is started every five minutes: the error of its last run says what to do; docs/streams.md, "What can go wrong". Nothing is lost while the topic keeps its messages.`,
      },
    ],
    [
      `stream-${stream}-dead-letters`,
      {
        metric: streamMetric(service, stream, 'deadLetters', Stats.SUM),
        threshold: 1,
        description: `Messages of the stream ${stream} could not be stored: the headers of each in the dead-letter topic say why; docs/streams.md, "Dead letters".`,
      },
    ],
  ]);
  return Object.fromEntries(all);
}
