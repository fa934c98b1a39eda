import { z } from 'zod';
import { alarmSettings } from './alarm-settings';
import { changeCaptureSettings } from './change-capture-settings';
import { compactionSettings } from './compaction-settings';
import { connectorNames, connectorNetworks } from './connector-settings';
import { dataSettings } from './data-settings';
import { deploymentSettings } from './deployment-settings';
import { contradictions, orchestrationSettings } from './orchestration-settings';
import { sftpSettings } from './sftp-settings';
import { streamSettings } from './stream-settings';
import { warehouseSettings } from './warehouse-settings';

const minutes = z.int().min(1).max(2880);

/** Retention periods that CloudWatch Logs accepts (days). "PutRetentionPolicy", Amazon CloudWatch Logs API Reference. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const functionSettings = (memoryMiB: number, timeoutSeconds: number) =>
  z
    .strictObject({
      memoryMiB: z
        .int()
        .min(128)
        .max(10_240)
        .default(memoryMiB)
        .describe('Memory (MiB). The share of the processor grows with it.'),
      timeoutSeconds: z.int().min(1).max(900).default(timeoutSeconds).describe('Timeout of one call (seconds).'),
    })
    .prefault({});

/** start-batch asks for each while files wait, and calls are throttled. "Step Functions service quotas", AWS Step Functions Developer Guide. */
const maximumExecutions = z.int().min(1).max(100);

const MAXIMUM_EXECUTIONS =
  'Maximum number of executions that run at a time because files have arrived (executions). Further files wait in the queue.';

const intakeSettings = z
  .discriminatedUnion('mode', [
    z.strictObject({
      mode: z
        .literal('single')
        .describe('One execution per file: immediate and easy to follow, but two job runs per file.'),
      maximumExecutions: maximumExecutions
        .optional()
        .describe(`${MAXIMUM_EXECUTIONS} Without it there is no queue: every file starts its execution at once.`),
    }),
    z.strictObject({
      mode: z
        .literal('batched')
        .describe('One execution for the files that arrive within a window: cheap for many small files.'),
      windowSeconds: z
        .int()
        .min(1)
        .max(300)
        .default(60)
        .describe('How long the first file of a batch waits for more (seconds; 300 is the limit of Lambda).'),
      maximumFiles: z
        .int()
        .min(1)
        .max(10_000)
        .default(500)
        .describe('Maximum number of files in one batch (files; 10,000 is the limit of Lambda for an SQS source).'),
      maximumMebibytes: z
        .int()
        .min(1)
        .default(102_400)
        .describe(
          'Maximum total size of the files in one batch (MiB). It bounds what register-files must copy within its timeout. A larger file has a batch of its own.',
        ),
      maximumConcurrency: z
        .int()
        .min(2)
        .max(1000)
        .default(2)
        .describe(
          'Maximum number of concurrent calls of the batching function (calls). Keep it low, or a burst is cut into small batches.',
        ),
      maximumExecutions: maximumExecutions.default(10).describe(MAXIMUM_EXECUTIONS),
    }),
  ])
  // Singly, ten thousand files at once would wait for job runs for longer than any timeout, and cost two runs each.
  .prefault({ mode: 'batched' })
  .describe('How files reach the state machine.');

const glueSettings = z
  .strictObject({
    workerType: z
      .enum(['G.1X', 'G.2X', 'G.4X', 'G.8X'])
      .default('G.1X')
      .describe('Size of one worker: G.1X is 4 vCPU and 16 GiB (1 DPU), G.2X twice that, and so on.'),
    maximumWorkers: z
      .int()
      .min(2)
      .max(299)
      .default(10)
      .describe('Maximum number of workers that auto-scaling uses, driver included (workers).'),
    timeoutMinutes: minutes.default(60).describe('Timeout of one job run (minutes).'),
    queueMinutes: minutes
      .default(120)
      .describe(
        'How long a run may wait for capacity before the execution gives up, in addition to its timeout (minutes).',
      ),
    maximumConcurrentRuns: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('Maximum number of concurrent runs of one job (runs). Further runs are queued.'),
    executionClass: z
      .enum(['STANDARD', 'FLEX'])
      .default('STANDARD')
      .describe(
        'FLEX: runs on spare capacity, cheaper, but a run may wait long and be interrupted. Only with workers up to G.2X.',
      ),
    smallBatchMebibytes: z
      .int()
      .min(0)
      .max(65_536)
      .default(1024)
      .describe(
        "Batches up to this size, by an estimate of what they hold once unpacked, are processed by the driver's own process, and Spark is not started (MiB; 0: always by Spark).",
      ),
  })
  .prefault({});

/** Minimum timeout of the function that provisions the warehouse (seconds): a failed login and the answer must fit into it. */
const MIN_PROVISIONING_SECONDS = 120;

/** Everything that may differ between environments. A setting that is not listed here stops synthesis. */
export const settingsSchema = z
  .strictObject({
    environment: z
      .string()
      .regex(/^[a-z][a-z0-9]{0,11}$/, 'expected 1 to 12 small letters and digits, a letter first')
      .describe('Name of the environment; part of every stack and resource name.'),
    namePrefix: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,15}$/, 'expected 2 to 16 small letters, digits and hyphens, a letter first')
      .default('reviews')
      .describe('First part of every stack and resource name.'),
    account: z
      .string()
      .regex(/^\d{12}$/, 'expected 12 digits')
      .optional()
      .describe('AWS account to deploy to. By default the account of the credentials.'),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-central-1')
      .optional()
      .describe('AWS region to deploy to. By default the region of the credentials.'),
    deployment: deploymentSettings.describe('How the stacks are deployed.'),
    sftp: sftpSettings
      .optional()
      .describe(
        'SFTP server (AWS Transfer Family) for producers without AWS. It costs about $0.30 an hour. Off by default.',
      ),
    connectors: connectorNames,
    connectorNetworks,
    streams: z
      .array(streamSettings)
      .refine((streams) => new Set(streams.map(({ name }) => name)).size === streams.length, {
        error: 'expected each name once',
      })
      .default([])
      .describe(
        'Topics of Kafka that are read all the time. Each costs about $160 a month (a Glue streaming job of two quarter-size workers). By default there are none.',
      ),
    tags: z.record(z.string().min(1).max(128), z.string().max(256)).default({}).describe('Tags of every resource.'),
    alertEmails: z
      .array(z.email())
      .default([])
      .describe('Addresses that receive alerts. Each must confirm its subscription once, by e-mail.'),
    data: dataSettings.describe('What is kept, and for how long.'),
    intake: intakeSettings,
    functions: z
      .strictObject({
        registerFiles: functionSettings(1024, 900).describe('Claims, sniffs and copies the files of a batch.'),
        recordOutcome: functionSettings(512, 120).describe('Writes the figures of a batch to the ledger.'),
        recordFailure: functionSettings(512, 300).describe(
          'Marks the files of a failed execution and removes what it published.',
        ),
        startBatch: functionSettings(256, 30).describe(
          'Starts an execution for a batch. Only with intake mode batched.',
        ),
        runConnector: functionSettings(1024, 900).describe('Fetches the reviews of a service. Only with connectors.'),
        provisionWarehouse: functionSettings(1024, 600).describe('Provisions Snowflake. Only with a warehouse.'),
        refreshExternalTables: functionSettings(512, 600).describe(
          'Looks every hour for files that Snowflake has not noticed. Only with a warehouse.',
        ),
        notifyAirflow: functionSettings(256, 40).describe(
          'Tells Airflow that reviews were published. Only with orchestration.',
        ),
      })
      .prefault({})
      .describe('The Lambda functions.'),
    glue: glueSettings.describe('The Glue jobs.'),
    compaction: compactionSettings
      .optional()
      .describe(
        'Daily compaction of small published files. Without it every batch keeps its own files. Worth it from some fifty batches a day.',
      ),
    stateMachine: z
      .strictObject({
        timeoutMinutes: z
          .int()
          .min(5)
          .max(7200)
          .default(420)
          .describe('Timeout of an execution (minutes). It must exceed both jobs with their waiting time.'),
      })
      .prefault({})
      .describe('The state machine.'),
    logs: z
      .strictObject({
        retentionDays: z.literal(LOG_RETENTION_DAYS).default(90).describe('How long log events are kept (days).'),
        shipTo: z
          .string()
          .regex(/^arn:aws[\w-]*:logs:[\w-]+:\d{12}:destination:/, 'expected the ARN of a CloudWatch Logs destination')
          .optional()
          .describe(
            'ARN of a CloudWatch Logs destination that takes every log event too, on its way to a log service such as OpenSearch or Datadog. By default there is none.',
          ),
      })
      .prefault({})
      .describe('Logs of functions, jobs and executions.'),
    changeCapture: changeCaptureSettings
      .optional()
      .describe('Capture of the changes of a table in PostgreSQL, by AWS DMS. Without it none is captured.'),
    warehouse: warehouseSettings
      .optional()
      .describe('Snowflake, where the published tables are queried. Without it nothing is provisioned there.'),
    orchestration: orchestrationSettings
      .optional()
      .describe('Airflow (Amazon MWAA), which runs dbt. Without it dbt is run by hand.'),
    alarms: alarmSettings.describe('Thresholds of the alarms. An alarm fires at its threshold and above.'),
  })
  .superRefine((settings, context) => {
    const taskMinutes = settings.glue.timeoutMinutes + settings.glue.queueMinutes;
    // A function that exceeds its timeout is tried once more.
    const functionsMinutes =
      (2 *
        (settings.functions.registerFiles.timeoutSeconds +
          settings.functions.recordOutcome.timeoutSeconds +
          settings.functions.recordFailure.timeoutSeconds)) /
      60;
    const least = Math.ceil(2 * taskMinutes + functionsMinutes);
    if (settings.stateMachine.timeoutMinutes <= least) {
      context.addIssue({
        code: 'custom',
        path: ['stateMachine', 'timeoutMinutes'],
        message: `expected more than ${least}: the two jobs (timeoutMinutes + queueMinutes each) and the functions (twice each) may take that long`,
      });
    }
    // "Glue job execution class", AWS Glue Developer Guide.
    if (settings.glue.executionClass === 'FLEX' && !['G.1X', 'G.2X'].includes(settings.glue.workerType)) {
      context.addIssue({
        code: 'custom',
        path: ['glue', 'workerType'],
        message: 'expected G.1X or G.2X with executionClass FLEX',
      });
    }
    for (const name of Object.keys(settings.connectorNetworks)) {
      if (settings.connectors.includes(name)) continue;
      context.addIssue({
        code: 'custom',
        path: ['connectorNetworks', name],
        message: `expected a name of connectors: ${settings.connectors.join(', ') || 'there are none'}`,
      });
    }
    if (settings.environment === 'prod' && settings.alertEmails.length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['alertEmails'],
        message: 'expected one address or more: in prod somebody must hear of failures',
      });
    }
    if (settings.warehouse && settings.functions.provisionWarehouse.timeoutSeconds < MIN_PROVISIONING_SECONDS) {
      context.addIssue({
        code: 'custom',
        path: ['functions', 'provisionWarehouse', 'timeoutSeconds'],
        message: `expected ${MIN_PROVISIONING_SECONDS} or more: a login that fails takes up to 45 seconds, the answer 25`,
      });
    }
    if (settings.orchestration) {
      const found = contradictions(settings.orchestration, {
        explicit: settings.account !== undefined && settings.region !== undefined,
        warehouse: settings.warehouse,
        functionSeconds: settings.functions.notifyAirflow.timeoutSeconds,
      });
      for (const { path, message } of found) context.addIssue({ code: 'custom', path: [...path], message });
    }
    if (
      settings.alarms.dailyCostUsd !== undefined &&
      (settings.alertEmails.length === 0 || !settings.tags.application)
    ) {
      context.addIssue({
        code: 'custom',
        path: ['alarms', 'dailyCostUsd'],
        message: 'expected alertEmails, which are written to, and the tag application, by which the cost is found',
      });
    }
    if (settings.data.destroyData && settings.data.objectLock) {
      context.addIssue({
        code: 'custom',
        path: ['data', 'destroyData'],
        message: 'expected false where data.objectLock is set: locked files cannot be deleted',
      });
    }
  });

/** Settings as an environment file states them: what it leaves out takes its default. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Settings of one environment, complete and checked. */
export type Settings = z.output<typeof settingsSchema>;
