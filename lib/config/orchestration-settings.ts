import { z } from 'zod';
import { subnetId, vpcId } from './network-ids';
import { keyArn, secretName } from './warehouse-settings';

const seconds = (least: number, most: number) => z.int().min(least).max(most);

const logLevel = (part: string, level: 'INFO' | 'WARNING') =>
  z.enum(['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG']).default(level).describe(`Log of ${part}.`);

const newNetwork = z.strictObject({
  mode: z.literal('new').describe('A new VPC with two private subnets.'),
  cidr: z
    .cidrv4('expected an address block such as 10.192.0.0/16')
    .default('10.192.0.0/16')
    .describe('Address block of the VPC. Choose another one if the VPC will be connected to a network that uses it.'),
  availabilityZones: z
    .array(z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'expected a zone such as eu-central-1a'))
    .length(2, 'expected two zones')
    .refine(([first, second]) => first !== second, 'expected two different zones: MWAA refuses one')
    .optional()
    .describe('Zones of the subnets. Required if account and region are set; by default the first two of the region.'),
  egress: z
    .enum(['nat', 'endpoints'])
    .default('nat')
    .describe(
      'nat: two NAT gateways lead to Snowflake and to the package index. endpoints: only AWS services and interfaceEndpoints can be reached.',
    ),
  interfaceEndpoints: z
    .array(
      z.strictObject({
        serviceName: z
          .string()
          .regex(/^[a-z0-9.-]+$/, 'expected the name of an endpoint service, com.amazonaws.…')
          .describe('Endpoint service, such as that of Snowflake (SYSTEM$GET_PRIVATELINK_CONFIG) or of CodeArtifact.'),
        privateDns: z.boolean().default(false).describe("Whether the service's public name resolves to the endpoint."),
      }),
    )
    .default([])
    .describe('Further services that Airflow may reach. Only with egress endpoints.'),
});

const existingNetwork = z.strictObject({
  mode: z
    .literal('existing')
    .describe('An existing VPC. lib/orchestration/README.md lists what Airflow must reach from it.'),
  vpcId: vpcId.describe('Identifier of the VPC.'),
  privateSubnetIds: z
    .array(subnetId)
    .length(2, 'expected two subnets, in different zones: MWAA takes no other number')
    .describe('Identifiers of two private subnets in different zones.'),
});

const eventSettings = z
  .strictObject({
    deliveryDelaySeconds: seconds(0, 900)
      .default(90)
      .describe(
        'How long an announcement is delayed, so that Snowflake sees the files before dbt looks for them (seconds).',
      ),
    batchingWindowSeconds: seconds(0, 300)
      .default(30)
      .describe(
        'How long the first announcement waits for more (seconds). Together they become one event for Airflow.',
      ),
    retrySeconds: seconds(1, 43_200)
      .default(300)
      .describe(
        'How long an announcement waits after Airflow could not be reached (seconds; SQS: visibility timeout).',
      ),
    attempts: z
      .int()
      .min(1)
      .max(1000)
      .default(288)
      .describe(
        'Attempts before an announcement becomes a dead letter (attempts; SQS: maxReceiveCount). 288 attempts with 300 seconds between them take a day.',
      ),
  })
  .prefault({})
  .describe('How announcements of published reviews reach Airflow.');

/** Airflow (Amazon MWAA), which runs dbt. */
export const orchestrationSettings = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether Airflow is deployed. MWAA costs at least $0.49 per hour.'),
  airflowVersion: z
    .string()
    .regex(/^3\.\d+\.\d+$/, 'expected a version of Airflow 3: the DAG is written for it')
    .default('3.0.6')
    .describe("Version of Airflow. The default is the newest version that AWS's own tools list."),
  environmentClass: z
    .enum(['mw1.micro', 'mw1.small', 'mw1.medium', 'mw1.large', 'mw1.xlarge', 'mw1.2xlarge'])
    .default('mw1.small')
    .describe('Size of schedulers, web servers and workers. mw1.micro has one of each, for trials.'),
  minWorkers: z.int().min(1).max(25).default(1).describe('Minimum number of workers (workers).'),
  maxWorkers: z.int().min(1).max(25).default(2).describe('Maximum number of workers (workers).'),
  webserverAccess: z
    .enum(['private', 'public'])
    .default('private')
    .describe(
      'private: the user interface and the API can be reached only from the VPC. public: they can be reached from the internet, with an AWS login.',
    ),
  network: z
    .discriminatedUnion('mode', [newNetwork, existingNetwork])
    .prefault({ mode: 'new' })
    .describe('Where it runs.'),
  packageIndexUrl: z
    .url()
    .optional()
    .describe(
      'Package index (PEP 503) that dbt is installed from, if the public one cannot be reached. It must not contain a login.',
    ),
  maintenanceWindow: z
    .string()
    .regex(/^(MON|TUE|WED|THU|FRI|SAT|SUN):([01]\d|2[0-3]):(00|30)$/, 'expected DAY:HH:MM at a full or half hour, UTC')
    .default('SUN:03:00')
    .describe('Start of the weekly two hours in which AWS may update it (UTC).'),
  logLevels: z
    .strictObject({
      dagProcessing: logLevel('reading the DAGs', 'WARNING'),
      scheduler: logLevel('the schedulers', 'WARNING'),
      task: logLevel('the tasks, dbt among them', 'INFO'),
      webserver: logLevel('the web servers', 'WARNING'),
      worker: logLevel('the workers', 'WARNING'),
    })
    .prefault({})
    .describe('Least severe log event that each part keeps.'),
  artifactDays: z.int().min(1).max(3650).default(90).describe("How long the artifacts of dbt's runs are kept (days)."),
  dbtSchedule: z
    .string()
    .regex(/^[^\s]+( [^\s]+){4}$/, 'expected five fields of cron')
    .default('17 5 * * *')
    .describe('When dbt runs on schedule (cron, UTC).'),
  dbtSecretName: secretName
    .optional()
    .describe(
      "Name of the secret with dbt's login to Snowflake. By default the one that the deployment makes; required with warehouse.dbtPublicKey.",
    ),
  dbtSecretKeyArn: keyArn
    .optional()
    .describe("ARN of the key that encrypts the secret dbtSecretName, if it is not AWS's own."),
  dbtWarehouse: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{0,59}$/, 'expected 1 to 60 capitals, digits and underscores, a letter first')
    .optional()
    .describe('Warehouse in Snowflake that dbt runs on. By default that of warehouse.compute.'),
  events: eventSettings,
});

export type OrchestrationSettings = z.output<typeof orchestrationSettings>;

/** A setting that contradicts another. */
export interface Contradiction {
  readonly path: readonly string[];
  readonly message: string;
}

/** The other settings that the rules of orchestration read. */
export interface OrchestrationContext {
  /** Whether account and region are named. */
  readonly explicit: boolean;
  /** Snowflake, if any; `compute` is there with a warehouse of its own, `dbtPublicKey` where others keep dbt's key. */
  readonly warehouse: { readonly compute?: unknown; readonly dbtPublicKey?: unknown } | undefined;
  /** Timeout of the function that calls Airflow (seconds). */
  readonly functionSeconds: number;
}

/** An outage of Airflow up to this length must lose no announcement (seconds). */
const MIN_OUTAGE_SECONDS = 3600;

/** Minimum timeout of the function that calls Airflow (seconds): it makes three calls, each well below a second. */
const MIN_FUNCTION_SECONDS = 5;

/** Rules that settings of orchestration must meet together with others. */
export function contradictions(settings: OrchestrationSettings, context: OrchestrationContext): Contradiction[] {
  const { network, events } = settings;
  const found: Contradiction[] = [];
  const require = (met: boolean, path: readonly string[], message: string): void => {
    if (!met) found.push({ path, message });
  };

  require(context.warehouse !== undefined, [
    'orchestration',
  ], 'expected none where there is no warehouse: there is nothing for dbt to run on');
  require(settings.dbtWarehouse !== undefined || context.warehouse?.compute !== undefined, [
    'orchestration',
    'dbtWarehouse',
  ], 'expected the name of a warehouse in Snowflake where warehouse.compute is not set');
  require(settings.dbtSecretName !== undefined || context.warehouse?.dbtPublicKey === undefined, [
    'orchestration',
    'dbtSecretName',
  ], 'expected the name of a secret with the private key of warehouse.dbtPublicKey: the deployment does not have it');
  require(settings.dbtSecretKeyArn === undefined || settings.dbtSecretName !== undefined, [
    'orchestration',
    'dbtSecretKeyArn',
  ], 'expected nothing where dbtSecretName is not set: the secret that the deployment makes has a key of its own');
  require(settings.maxWorkers >= settings.minWorkers, [
    'orchestration',
    'maxWorkers',
  ], `expected at least minWorkers (${settings.minWorkers})`);
  // "Configuring the Amazon MWAA environment class", Amazon MWAA User Guide.
  require(settings.environmentClass !== 'mw1.micro' || settings.maxWorkers === 1, [
    'orchestration',
    'maxWorkers',
  ], 'expected 1 with environmentClass mw1.micro: it has one worker');
  if (network.mode === 'new') {
    require(!context.explicit || network.availabilityZones !== undefined, [
      'orchestration',
      'network',
      'availabilityZones',
    ], 'expected two zones of the region where account and region are named: else synthesis would ask AWS for them');
    require(network.egress === 'endpoints' || network.interfaceEndpoints.length === 0, [
      'orchestration',
      'network',
      'interfaceEndpoints',
    ], 'expected none with egress nat, which leads everywhere');
    require(network.egress === 'nat' || settings.packageIndexUrl !== undefined, [
      'orchestration',
      'packageIndexUrl',
    ], 'expected the address of a package index with egress endpoints: the public one cannot be reached');
  }
  const functionSeconds = context.functionSeconds;
  require(functionSeconds >= MIN_FUNCTION_SECONDS, [
    'functions',
    'notifyAirflow',
    'timeoutSeconds',
  ], `expected ${MIN_FUNCTION_SECONDS} or more: it calls Airflow three times`);
  // "Using Lambda with Amazon SQS", AWS Lambda Developer Guide: six times the timeout, and the window on top of it.
  const leastRetry = 6 * functionSeconds + events.batchingWindowSeconds;
  require(events.retrySeconds >= leastRetry, [
    'orchestration',
    'events',
    'retrySeconds',
  ], `expected ${leastRetry} or more: six times functions.notifyAirflow.timeoutSeconds and the batching window`);
  require(events.attempts * events.retrySeconds >= MIN_OUTAGE_SECONDS, [
    'orchestration',
    'events',
    'attempts',
  ], `expected ${Math.ceil(MIN_OUTAGE_SECONDS / events.retrySeconds)} or more: attempts × retrySeconds must outlast an hour without Airflow`);
  return found;
}
