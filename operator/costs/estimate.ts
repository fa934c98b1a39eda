import type { Settings } from '../../lib/config/schema';
import { connectors as connectorContracts, runsPerDay } from '../../lib/contracts/connectors';
import { JOB_METRICS, JOBS, METRICS } from '../../lib/contracts/metrics';
import { usd } from './prices';

/** What arrives. */
export interface Load {
  readonly filesPerDay: number;
  readonly mebibytesPerDay: number;
  /** Arrivals per day, each with an equal share of the files at once. @default evenly over the day */
  readonly dropsPerDay?: number;
}

export const MODES = ['single', 'batched'] as const;
export type Mode = (typeof MODES)[number];

/** US dollars per month, by service. */
export type MonthlyCost = Readonly<Record<string, number>>;

const DAYS = 30.4;
const HOURS = 24 * DAYS;
const SECONDS_PER_DAY = 86_400;

/** Assumptions of the estimate; docs/costs.md lists them. */
export const ASSUMED = {
  /** DPUs of a run that needs no Spark: the driver and one worker at the smallest size. */
  dpusOfSmallRun: 2,
  /** The least that Glue bills for a run (seconds). */
  leastRunSeconds: 60,
  /** Throughput of a job (MiB of content per second): half of what both jobs reach on two cores (docs/measured.md). */
  mebibytesPerSecond: 8,
  /** Windows and files of the batched mode if the environment is not batched: the defaults of the settings. */
  windowSeconds: 60,
  maximumFiles: 500,
  /** State transitions of an execution, and seconds of its functions with a gibibyte of memory. */
  transitionsPerExecution: 10,
  functionSecondsPerExecution: 5,
  functionSecondsPerFile: 0.3,
  /** Requests to S3: for each file, for each execution. */
  writesPerFile: 2,
  readsPerFile: 6,
  writesPerExecution: 40,
  readsPerExecution: 40,
  /** Writes to the ledger for each file, its two indexes included. */
  ledgerWritesPerFile: 12,
  logMebibytesPerExecution: 0.5,
  /** Share of the received bytes that the published tables take. */
  publishedShare: 0.4,
  /** Months of data that are kept. */
  monthsKept: 12,
  alarms: 20,
  /** A connector's run that finds little: seconds of its function, state transitions; and the alarms of a connector. */
  secondsPerConnectorRun: 10,
  transitionsPerConnectorRun: 4,
  alarmsPerConnector: 2,
  /** Of change capture: state transitions of a look at its task, looks in a day; and its alarms. */
  transitionsPerLook: 3,
  looksPerDay: 96,
  alarmsOfChangeCapture: 5,
  /** Of a stream: DPU of its two workers of the smallest size, alarms, and metrics with three partitions. */
  dpusOfStream: 0.5,
  alarmsPerStream: 3,
  metricsPerStream: 6,
  /** Sources that send files, each of which has metrics of its own. */
  sources: 3,
  keys: 2,
  /** Seconds for which a run of dbt keeps a warehouse of the smallest size awake, with the minute before it is suspended. */
  dbtSeconds: 180,
  /** Files that an execution publishes: one in each table, and two of events. */
  publishedFilesPerExecution: 10,
} as const;

/** US dollars of the daily run that compacts the files of a day. */
function compactionOfDay(mebibytesPerDay: number): number {
  const seconds = (mebibytesPerDay * ASSUMED.publishedShare) / ASSUMED.mebibytesPerSecond;
  return runOf(Math.max(ASSUMED.leastRunSeconds, seconds));
}

const runOf = (seconds: number): number => (ASSUMED.dpusOfSmallRun * seconds * usd('glueDpuHour')) / 3600;

/** Executions that a load makes in a day. */
export function executionsPerDay({ filesPerDay, dropsPerDay }: Load, mode: Mode, intake?: Settings['intake']): number {
  if (mode === 'single') return filesPerDay;
  const { windowSeconds, maximumFiles } = intake?.mode === 'batched' ? intake : ASSUMED;
  const windows = Math.min(SECONDS_PER_DAY / windowSeconds, dropsPerDay ?? Number.POSITIVE_INFINITY);
  return Math.min(filesPerDay, Math.max(windows, filesPerDay / maximumFiles));
}

/** US dollars of the two job runs of an execution of this size. */
export function runsOfExecution(mebibytes: number): number {
  const seconds = Math.max(ASSUMED.leastRunSeconds, mebibytes / ASSUMED.mebibytesPerSecond);
  return 2 * runOf(seconds);
}

function fixed({ orchestration }: Settings): MonthlyCost {
  const airflow = orchestration?.enabled;
  return {
    KMS: ASSUMED.keys * usd('kmsKeyMonth'),
    CloudWatch: ASSUMED.alarms * usd('alarmMonth') + usd('dashboardMonth'),
    ...(airflow && {
      Airflow: HOURS * usd('airflowHour'),
      "Airflow's network": HOURS * 2 * usd('natHour'),
    }),
  };
}

/** A secret that several share is billed once. */
const secrets = (names: readonly (string | undefined)[]): number =>
  new Set(names.filter((name) => name !== undefined)).size * usd('secretMonth');

/** Connectors ask on schedule, whatever arrives. */
function connectorRuns({ connectors, functions }: Settings): number {
  const gibibytes = functions.runConnector.memoryMiB / 1024;
  const run =
    ASSUMED.secondsPerConnectorRun * gibibytes * usd('lambdaGibSecond') +
    (ASSUMED.transitionsPerConnectorRun * usd('stepsThousand')) / 1000;
  const contracts = connectors.flatMap((name) => connectorContracts.get(name) ?? []);
  const runs = contracts.reduce((sum, contract) => sum + runsPerDay(contract) * DAYS, 0);
  const alarms = contracts.length * ASSUMED.alarmsPerConnector * usd('alarmMonth');
  return runs * run + alarms + secrets(contracts.map(({ authentication }) => authentication?.secret));
}

/** Price of an instance of DMS, in those of the smallest. */
const DMS_SIZES = { 'dms.t3.small': 1, 'dms.t3.medium': 2, 'dms.t3.large': 4 } as const;

/** The instance is there all the time, whatever changes. */
function changeCapture({ instanceClass, multiAz, secretName }: NonNullable<Settings['changeCapture']>): number {
  const instances = DMS_SIZES[instanceClass] * (multiAz ? 2 : 1);
  const looks = (ASSUMED.looksPerDay * DAYS * ASSUMED.transitionsPerLook * usd('stepsThousand')) / 1000;
  const alarms = ASSUMED.alarmsOfChangeCapture * usd('alarmMonth');
  return HOURS * instances * usd('dmsSmallHour') + looks + alarms + secrets([secretName]);
}

/** The jobs of streams run all the time, whatever arrives; beside them their alarms, and three metrics of their own. */
function streamJobs({ streams }: Settings): number {
  const job = HOURS * ASSUMED.dpusOfStream * usd('glueDpuHour');
  const watched = ASSUMED.alarmsPerStream * usd('alarmMonth') + ASSUMED.metricsPerStream * usd('metricMonth');
  return streams.length * (job + watched) + secrets(streams.map(({ secretName }) => secretName));
}

/** Each execution announces its reviews, and dbt then runs unless it runs already; it also runs once a day on schedule. */
function snowflake(executionsOfDay: number): number {
  const runs = Math.min(executionsOfDay + 1, SECONDS_PER_DAY / ASSUMED.dbtSeconds);
  const busy = (runs * ASSUMED.dbtSeconds * usd('snowflakeCredit')) / 3600;
  const notified =
    (executionsOfDay * ASSUMED.publishedFilesPerExecution * usd('snowflakeThousandNotifications')) / 1000;
  return DAYS * (busy + notified);
}

/** What is measured of a run of a job. */
const JOB_FIGURES = [JOB_METRICS.seconds, JOB_METRICS.memory].length;

/** The metrics of sources and jobs: each is billed for the hours in which an execution gives it a value. */
function ownMetrics(executionsPerMonth: number): number {
  const metrics = ASSUMED.sources * Object.keys(METRICS).length + JOBS.length * JOB_FIGURES;
  return metrics * usd('metricMonth') * Math.min(1, executionsPerMonth / HOURS);
}

/** What an environment costs in a month under a load, in one mode of the intake. */
export function monthlyCost(load: Load, mode: Mode, settings: Settings): MonthlyCost {
  const files = load.filesPerDay * DAYS;
  const executions = executionsPerDay(load, mode, settings.intake) * DAYS;
  const gibibytes = (load.mebibytesPerDay * DAYS) / 1024;
  const perExecution = executions > 0 ? (load.mebibytesPerDay * DAYS) / executions : 0;
  const writes = files * ASSUMED.writesPerFile + executions * ASSUMED.writesPerExecution;
  const reads = files * ASSUMED.readsPerFile + executions * ASSUMED.readsPerExecution;
  const functionSeconds = files * ASSUMED.functionSecondsPerFile + executions * ASSUMED.functionSecondsPerExecution;
  const stored = gibibytes * (1 + ASSUMED.publishedShare) * ASSUMED.monthsKept;
  const { KMS = 0, CloudWatch = 0, ...others } = fixed(settings);
  return {
    Glue:
      executions * runsOfExecution(perExecution) +
      (settings.compaction ? DAYS * compactionOfDay(load.mebibytesPerDay) : 0),
    Lambda: functionSeconds * usd('lambdaGibSecond') + (executions * 4 * usd('lambdaMillionCalls')) / 1e6,
    'Step Functions': (executions * ASSUMED.transitionsPerExecution * usd('stepsThousand')) / 1000,
    S3:
      stored * usd('s3GibMonth') + (writes * usd('s3ThousandWrites')) / 1000 + (reads * usd('s3ThousandReads')) / 1000,
    DynamoDB: (files * ASSUMED.ledgerWritesPerFile * usd('dynamoMillionWrites')) / 1e6,
    SQS: mode === 'batched' ? (3 * files * usd('sqsMillionRequests')) / 1e6 : 0,
    EventBridge: (executions * usd('eventsMillion')) / 1e6,
    CloudWatch:
      CloudWatch + ownMetrics(executions) + (executions * ASSUMED.logMebibytesPerExecution * usd('logsGib')) / 1024,
    KMS: KMS + ((writes + reads) * usd('kmsTenThousandCalls')) / 10_000,
    ...(settings.connectors.length > 0 && { Connectors: connectorRuns(settings) }),
    ...(settings.changeCapture && { 'Change capture': changeCapture(settings.changeCapture) }),
    ...(settings.streams.length > 0 && { Streams: streamJobs(settings) }),
    ...(settings.warehouse && { Snowflake: snowflake(executions / DAYS) }),
    ...others,
  };
}

export const total = (cost: MonthlyCost): number => Object.values(cost).reduce((sum, part) => sum + part, 0);
