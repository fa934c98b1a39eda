import { z } from 'zod';
import { alarmSettings } from './alarm-settings';
import { changeCaptureSettings } from './change-capture-settings';
import { compactionSettings } from './compaction-settings';
import { connectorNames, connectorNetworks } from './connector-settings';
import { dataSettings } from './data-settings';
import { deploymentSettings } from './deployment-settings';
import { functionSettings } from './function-settings';
import { glueSettings } from './glue-settings';
import { intakeSettings } from './intake-settings';
import { contradictions, orchestrationSettings } from './orchestration-settings';
import { sftpSettings } from './sftp-settings';
import { streamSettings } from './stream-settings';
import { warehouseSettings } from './warehouse-settings';

/** Retention periods that CloudWatch Logs accepts (days). "PutRetentionPolicy", Amazon CloudWatch Logs API Reference. */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

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
    functions: functionSettings.describe('The Lambda functions.'),
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
