import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Settings } from '../config/schema';
import { JOB_METRICS, JOBS, METRIC_DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../contracts/metrics';
import { orchestrationContract } from '../contracts/orchestration';
import { type AlarmDefinition, operatorCommand } from './alarm-definition';
import type { Watched } from './watched';

const PERIOD = Duration.minutes(5);

type Thresholds = Settings['alarms'];

/** A metric of the files of one source. */
export const sourceMetric = (
  service: string,
  source: string,
  metricName: string,
  options: { readonly period: Duration; readonly statistic: string },
): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC_DIMENSIONS.environment]: service, [METRIC_DIMENSIONS.source]: source },
    ...options,
  });

/**
 * The highest share of rejected records among the sources that have no threshold of their own. A query of Metrics Insights: a source
 * that comes later is watched without a deployment. "Create alarms on Metrics Insights queries", Amazon CloudWatch User Guide.
 */
function highestRejectedPercent({ service, sources }: Pick<Watched, 'service' | 'sources'>): MathExpression {
  const { environment, source } = METRIC_DIMENSIONS;
  const others = sources
    .filter(({ expectations }) => expectations.rejectedPercent !== undefined)
    .map((contract) => ` AND "${source}" != '${contract.source}'`);
  return new MathExpression({
    expression: `SELECT MAX(${METRICS.rejectedPercent}) FROM SCHEMA("${METRICS_NAMESPACE}", ${environment}, ${source}) WHERE ${environment} = '${service}'${others.join('')}`,
    label: 'Highest share of rejected records of a source (percent)',
    period: PERIOD,
    usingMetrics: {},
  });
}

const REJECTED = `see which files with: ${operatorCommand('status')} and why with: ${operatorCommand('rejects KEY')}; a new form of the data needs its contract changed, else ask the producer.`;

/** Alarms on what sources send, by what their contracts expect of them. */
export function sourceAlarms(
  thresholds: Thresholds,
  { service, sources }: Pick<Watched, 'service' | 'sources'>,
): Record<string, AlarmDefinition> {
  const ofSources = sources.flatMap(({ source, expectations: { arrivesWithinHours, rejectedPercent } }) => [
    ...(arrivesWithinHours === undefined
      ? []
      : [
          [
            `${source}-arrivals`,
            {
              metric: sourceMetric(service, source, METRICS.files, { period: Duration.hours(1), statistic: Stats.SUM }),
              threshold: 1,
              expectedWithinPeriods: arrivesWithinHours,
              description: `No readable file of ${source} has arrived for ${arrivesWithinHours} hours: ask the producer, then see: ${operatorCommand(`files --source ${source}`)}`,
            },
          ] as const,
        ]),
    ...(rejectedPercent === undefined
      ? []
      : [
          [
            `${source}-rejected-records`,
            {
              metric: sourceMetric(service, source, METRICS.rejectedPercent, {
                period: PERIOD,
                statistic: Stats.MAXIMUM,
              }),
              threshold: rejectedPercent,
              description: `More records of ${source} are rejected than its contract expects: ${REJECTED}`,
            },
          ] as const,
        ]),
  ]);
  return {
    'rejected-records': {
      metric: highestRejectedPercent({ service, sources }),
      threshold: thresholds.rejectedPercent,
      description: `Many records of a source are rejected: ${REJECTED}`,
    },
    ...Object.fromEntries(ofSources),
  };
}

/** The highest of a metric of the runs of a job. */
const ofJob = (service: string, job: (typeof JOBS)[number], metricName: string): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { [METRIC_DIMENSIONS.environment]: service, [JOB_METRICS.dimension]: job },
    period: PERIOD,
    statistic: Stats.MAXIMUM,
  });

/**
 * Longest run of a job, as record-outcome counts it. Not Glue's own elapsed time: that is what has passed since the last report,
 * thirty seconds, of all runs together, and comes only from a script with a GlueContext.
 * "Monitoring AWS Glue using Amazon CloudWatch metrics", AWS Glue Developer Guide.
 */
export const jobRunSeconds = (service: string, job: (typeof JOBS)[number]): Metric =>
  ofJob(service, job, JOB_METRICS.seconds);

/** The most memory that a run of a job had, as the job itself says. */
export const jobMemory = (service: string, job: (typeof JOBS)[number]): Metric =>
  ofJob(service, job, JOB_METRICS.memory);

const SECONDS_OF_MINUTE = 60;
const BYTES_OF_GIBIBYTE = 1024 ** 3;

/** Memory of a worker (GiB). "Worker types", AWS Glue Developer Guide. */
const WORKER_GIBIBYTES = { 'G.1X': 16, 'G.2X': 32, 'G.4X': 64, 'G.8X': 128 } as const;

/** Alarms on jobs that take long, which cost money by the second, and on those whose memory comes near to what their worker has. */
export const jobAlarms = (
  thresholds: Thresholds,
  { service, workerType }: Pick<Watched, 'service' | 'workerType'>,
): Record<string, AlarmDefinition> =>
  Object.fromEntries(
    JOBS.flatMap((job) => [
      [
        `${job}-reviews-memory`,
        {
          metric: jobMemory(service, job),
          threshold: (thresholds.glueMemoryPercent / 100) * WORKER_GIBIBYTES[workerType] * BYTES_OF_GIBIBYTE,
          description: `A run of this job had nearly all the memory of its worker: see what it worked on with: ${operatorCommand('files')} and take a larger worker (glue.workerType), or lower glue.smallBatchMebibytes.`,
        },
      ],
      [
        `${job}-reviews-run-time`,
        {
          metric: jobRunSeconds(service, job),
          threshold: thresholds.glueMinutes * SECONDS_OF_MINUTE,
          description: `A run of this job took long: see what it worked on with: ${operatorCommand('files')} and then its log; a larger file needs more workers (glue.maximumWorkers). A stuck run ends at glue.timeoutMinutes, with an alert of its own.`,
        },
      ],
    ]),
  );

/** Successful runs of dbt. "Apache Airflow environment metrics in CloudWatch", Amazon MWAA User Guide. */
export const dbtSuccesses = ({ environmentName, dagId }: NonNullable<Watched['dbt']>, period: Duration): Metric =>
  new Metric({
    namespace: 'AmazonMWAA',
    metricName: 'DAGDurationSuccess',
    dimensionsMap: { Environment: environmentName, DAG: dagId },
    period,
    statistic: Stats.SAMPLE_COUNT,
  });

/** Alarm on batches that dbt leaves out, because Snowflake does not show what their outcome reports. */
export const lateBatches = (service: string): AlarmDefinition => ({
  metric: new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: orchestrationContract.lateBatchesMetric,
    dimensionsMap: { [METRIC_DIMENSIONS.environment]: service },
    period: PERIOD,
    statistic: Stats.MAXIMUM,
  }),
  threshold: 1,
  // dbt may run as rarely as once a day.
  holdsBetweenValues: true,
  description: `Batches are LATE: Snowflake does not show the rows that their outcomes report, and dbt leaves them out. First: ${operatorCommand('reconcile --repair')}, then docs/runbook.md, "A batch is LATE".`,
});

/** The longest time from arrival to queryable among all sources, those included that come later. */
const longestToQueryable = (service: string): MathExpression => {
  const { environment, source } = METRIC_DIMENSIONS;
  return new MathExpression({
    expression: `SELECT MAX(${orchestrationContract.queryableMetric}) FROM SCHEMA("${METRICS_NAMESPACE}", ${environment}, ${source}) WHERE ${environment} = '${service}'`,
    label: 'Longest time from arrival to queryable of a source (s)',
    period: PERIOD,
    usingMetrics: {},
  });
};

/** Alarm on files that analysts could query late only. */
export const lateForAnalysts = (thresholds: Thresholds, service: string): AlarmDefinition => ({
  metric: longestToQueryable(service),
  threshold: thresholds.queryableMinutes * SECONDS_OF_MINUTE,
  description: `Files took long from their arrival until they could be queried: see where they waited with: ${operatorCommand('files')} (seconds in each state) and the last runs of dbt with: ${operatorCommand('status')}`,
});

/** Alarm on presentation tables that nobody has renewed. */
export const presentationFreshness = (thresholds: Thresholds, dbt: NonNullable<Watched['dbt']>): AlarmDefinition => ({
  metric: dbtSuccesses(dbt, Duration.hours(1)),
  threshold: 1,
  expectedWithinPeriods: thresholds.presentationHours,
  description: `No run of dbt has succeeded for ${thresholds.presentationHours} hours, so the presentation tables are old: see its verdict with: ${operatorCommand('status')}, then the DAG ${dbt.dagId} in Airflow.`,
});
