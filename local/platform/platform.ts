import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LOCAL_ENVIRONMENT } from '../../lib/config/environments';
import { LocalAirflow } from './airflow';
import { type AirflowAddress, newAirflowAddress } from './airflow-address';
import { type AwsClients, awsClients } from './aws-clients';
import { launchAws } from './aws-process';
import type { LaunchedServer } from './child-server';
import { deploy } from './deploy';
import { LocalKafka, launchKafka } from './kafka';
import { bringParsedProject } from './parsed-project';
import { freePort } from './ports';
import { Servers, type Stoppable } from './servers';
import { ShopDatabase } from './shop-database';
import {
  keepDbtLogin,
  newSnowflakeAccount,
  type SnowflakeAccount,
  type SnowflakeLogin,
  storeSecret,
} from './snowflake-account';
import { launchSnowflake } from './snowflake-process';
import { endpointsOf, type LocalSources, type SourceName, startSources, storeSourceSecrets } from './sources';
import { synthesise } from './synthesise';

/** Outputs of the stacks that the one-machine edition needs. */
export const PlatformOutputs = z.object({
  RawBucketName: z.string(),
  ProcessedBucketName: z.string(),
  LedgerTableName: z.string(),
  ReviewIntakeStateMachineArn: z.string(),
  CleanJobName: z.string(),
  FlattenJobName: z.string(),
  AlertTopicArn: z.string(),
  /** Only where files wait for an execution in a queue. */
  IntakeQueueUrl: z.string().optional(),
});

const ChangeCaptureOutputs = z.object({ ChangeCaptureStateMachineArn: z.string(), ChangeCaptureFolder: z.string() });

const ConnectorsOutputs = z.object({ ConnectorStateMachines: z.string() });

const OrchestrationOutputs = z.object({
  AirflowEnvironmentName: z.string(),
  AirflowBucketName: z.string(),
  PublishedQueueUrl: z.string(),
});

export type PlatformOutputs = z.infer<typeof PlatformOutputs>;

/** Deployed stacks: what is needed to drop files and to follow them. */
export interface Deployed {
  readonly aws: AwsClients;
  readonly outputs: PlatformOutputs;
}

/** The platform on this machine once its intake is deployed: files can be dropped while the rest is still being deployed. */
export interface OpenPlatform extends Deployed {
  /** All of the platform, when all is deployed. */
  readonly whole: Promise<Platform>;
}

/** Connectors, and what they ask. */
export interface LocalConnectors {
  /** ARN of a connector's state machine, without the connector's name. */
  readonly stateMachines: string;
  readonly sources: LocalSources;
}

/** Change capture, and the database that it follows. */
export interface LocalChangeCapture {
  /** ARN of the state machine that starts the task. */
  readonly stateMachine: string;
  /** Where the files go, below `reviews/`. */
  readonly folder: string;
  readonly shop: ShopDatabase;
}

/** The platform deployed on this machine. */
export interface Platform extends Deployed {
  readonly endpoint: string;
  /** Where the local Snowflake answers, the login that provisions it, and dbt's login, which queries use too. */
  readonly warehouse: {
    readonly accessUrl: string;
    readonly account: SnowflakeAccount;
    readonly dbt: SnowflakeLogin;
  };
  /** Airflow, where the platform has one; it may still be starting. */
  readonly airflow?: LocalAirflow;
  /** The connectors, where the platform has them. */
  readonly connectors?: LocalConnectors;
  /** Change capture, where the platform has it. */
  readonly changeCapture?: LocalChangeCapture;
  /** The broker and the stream that reads it, where the platform has them. */
  readonly kafka?: LocalKafka;
  /** Time from the beginning until stacks could be deployed, until files could be dropped, and until everything was deployed. */
  readonly seconds: { readonly start: number; readonly intake: number; readonly whole: number };
  stop(): Promise<void>;
}

export interface PlatformOptions {
  /** Folder for all state of this platform. */
  readonly state: string;
  /** Synthesised assembly to deploy. @default - synthesised from the sources */
  readonly assembly?: string;
  /** Whether Airflow runs dbt; the assembly then needs the orchestration stack. @default false */
  readonly airflow?: boolean;
  /** What connectors ask. @default - nothing, and there are no connectors */
  readonly sources?: readonly SourceName[];
  /** Whether there is a PostgreSQL whose changes are captured. @default false */
  readonly changeCapture?: boolean;
  /** Whether there is a broker of Kafka, whose topic a job reads. @default false */
  readonly kafka?: boolean;
  /** Further options of the local AWS. @default none */
  readonly awsOptions?: readonly string[];
  /** Port of the local Snowflake. dbt parses its project again when its connection has changed. @default a free one */
  readonly snowflakePort?: number;
  /** Called with a short description of each step. */
  readonly onStep?: (step: string) => void;
  /** Called with each server as soon as it runs, so that it can be stopped whatever happens next. */
  readonly onProcess?: (process: Stoppable) => void;
}

/**
 * Starts the local AWS and the local Snowflake, deploys the synthesised stacks to them, and starts Airflow.
 *
 * @throws Error of the part that failed; what was started has then been stopped
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { whole } = await openPlatform(options);
  return whole;
}

/**
 * Does the same, and returns as soon as files can be dropped: while they are processed, the warehouse is provisioned and Airflow
 * starts.
 *
 * @throws Error of the part that failed, as `whole` does; what was started has then been stopped
 */
export async function openPlatform(options: PlatformOptions): Promise<OpenPlatform> {
  const servers = new Servers(options.onProcess);
  const stopAndThrow = async (error: unknown): Promise<never> => {
    await servers.stop();
    throw error;
  };
  const open = await openIntake(options, servers).catch(stopAndThrow);
  const whole = open.whole.catch(stopAndThrow);
  // Whoever waits later receives the failure; until then an unhandled rejection must not end this process.
  whole.catch(() => {});
  return { ...open, whole };
}

async function openIntake(
  {
    state,
    assembly,
    airflow: withAirflow = false,
    sources: sourceNames = [],
    changeCapture: withChangeCapture = false,
    kafka: withKafka = false,
    awsOptions = [],
    snowflakePort,
    onStep = () => {},
  }: PlatformOptions,
  servers: Servers,
): Promise<OpenPlatform> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  onStep('synthesising the stacks, starting the local AWS and the local Snowflake');
  const account = newSnowflakeAccount(join(state, 'snowflake-login'));
  const address = withAirflow ? await newAirflowAddress(join(state, 'airflow-login')) : undefined;
  const sources = sourceNames.length > 0 ? await startSources(sourceNames, state, servers) : undefined;
  const shop = withChangeCapture ? await ShopDatabase.start(join(state, 'followed-postgres'), servers) : undefined;
  const broker = withKafka ? await startBroker(join(state, 'kafka'), servers) : undefined;
  const server = await servers.add(
    launchAws({
      state: join(state, 'aws'),
      options: awsOptions,
      changeCapture: withChangeCapture,
      ...(address && { airflow: address }),
      ...(sources && { connectors: endpointsOf(sources) }),
      ...(broker && { kafka: broker.address }),
    }),
  );
  const clients = server.endpoint.then(awsClients);
  const accessUrl = startWarehouse({
    ...{ state: join(state, 'snowflake'), port: snowflakePort },
    ...{ account, server, clients, servers },
  });
  // The stack that needs it receives the failure; until then an unhandled rejection must not end this process.
  accessUrl.catch(() => {});
  const synthesised =
    assembly ??
    synthesise(
      [
        ...(sources ? ['local-with-connectors'] : []),
        ...(shop ? ['local-with-cdc'] : []),
        ...(broker ? ['local-with-kafka'] : []),
        ...(withAirflow ? [] : ['local-without-airflow']),
      ].join('+') || LOCAL_ENVIRONMENT,
    );
  const [endpoint, aws, folder] = await Promise.all([server.endpoint, clients, synthesised]);
  const start = seconds();

  const deployment = await deploy(aws, folder, async (stack) => {
    if (stack.endsWith('-warehouse')) await accessUrl;
    if (stack.endsWith('-change-capture')) await shop?.introduceTo(aws);
    onStep(`deploying ${stack}`);
  });
  const outputs = PlatformOutputs.parse(await deployment.upTo('-intake'));
  const intake = seconds();

  async function startAirflow(address: AirflowAddress): Promise<LocalAirflow> {
    const orchestration = OrchestrationOutputs.parse(await deployment.upTo('-orchestration'));
    const options = { state: join(state, 'airflow'), address, outputs: orchestration, endpoint, aws };
    await bringParsedProject(aws.s3, orchestration.AirflowBucketName);
    const airflow = new LocalAirflow(options);
    // Wait for the start first: a stop that comes too early would be followed by the start.
    return servers.add(airflow.start().then(() => airflow));
  }

  async function readyConnectors(sources: LocalSources): Promise<LocalConnectors> {
    await storeSourceSecrets(aws, sources);
    const { ConnectorStateMachines } = ConnectorsOutputs.parse(await deployment.upTo('-connectors'));
    return { stateMachines: ConnectorStateMachines, sources };
  }

  async function readyChangeCapture(shop: ShopDatabase): Promise<LocalChangeCapture> {
    const outputs = ChangeCaptureOutputs.parse(await deployment.upTo('-change-capture'));
    return { stateMachine: outputs.ChangeCaptureStateMachineArn, folder: outputs.ChangeCaptureFolder, shop };
  }

  async function readyKafka(broker: Broker): Promise<LocalKafka> {
    await Promise.all([broker.serves, deployment.upTo('-streams')]);
    const kafka = await LocalKafka.connect(broker, endpoint, aws);
    await kafka.startJob();
    return kafka;
  }

  async function complete(): Promise<Platform> {
    const [airflow, connectors, changeCapture, kafka] = await Promise.all([
      address && startAirflow(address),
      sources && readyConnectors(sources),
      shop && readyChangeCapture(shop),
      broker && readyKafka(broker),
      deployment.whole,
    ]);
    return {
      endpoint,
      aws,
      outputs,
      warehouse: {
        accessUrl: await accessUrl,
        account,
        dbt: await keepDbtLogin(aws, join(state, 'snowflake-login')),
      },
      ...(airflow && { airflow }),
      ...(connectors && { connectors }),
      ...(changeCapture && { changeCapture }),
      ...(kafka && { kafka }),
      seconds: { start, intake, whole: seconds() },
      stop: () => servers.stop(),
    };
  }

  return { aws, outputs, whole: complete() };
}

interface Broker {
  readonly address: string;
  readonly state: string;
  /** Settles when it answers. */
  readonly serves: Promise<string>;
}

/** Starts the broker, and does not wait for it: the local AWS must know its address before. */
async function startBroker(state: string, servers: Servers): Promise<Broker> {
  const port = await freePort();
  const { endpoint: serves } = await servers.add(launchKafka(state, port));
  return { address: `127.0.0.1:${port}`, state, serves };
}

interface WarehouseStart {
  readonly state: string;
  readonly account: SnowflakeAccount;
  /** The local AWS, whose S3 the local Snowflake reads, and its clients. */
  readonly server: LaunchedServer;
  readonly clients: Promise<AwsClients>;
  readonly servers: Servers;
  readonly port: number | undefined;
}

/** Starts the local Snowflake, and stores its login for the stack that provisions it; returns its URL. */
async function startWarehouse({ state, port, account, server, clients, servers }: WarehouseStart): Promise<string> {
  const awsEndpoint = await server.endpoint;
  const { publicKeyFile, privateKeyFile } = account;
  const snowflake = await servers.add(launchSnowflake({ state, port, awsEndpoint, publicKeyFile }));
  const accessUrl = await snowflake.endpoint;
  const privateKey = readFileSync(privateKeyFile, 'utf8');
  await storeSecret(await clients, account, { privateKey, accessUrl });
  return accessUrl;
}
