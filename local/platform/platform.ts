import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LocalAirflow } from './airflow';
import { type AirflowAddress, newAirflowAddress } from './airflow-address';
import { type AwsClients, awsClients } from './aws-clients';
import { startAws } from './aws-process';
import type { LaunchedServer } from './child-server';
import { deploy } from './deploy';
import { newSnowflakeAccount, type SnowflakeAccount, storeSecret } from './snowflake-account';
import { startSnowflake } from './snowflake-process';
import { synthesise } from './synthesise';

/** What the stacks say of themselves that the one-machine edition needs. */
export const PlatformOutputs = z.object({
  RawBucketName: z.string(),
  ProcessedBucketName: z.string(),
  LedgerTableName: z.string(),
  ReviewIntakeStateMachineArn: z.string(),
  CleanJobName: z.string(),
  FlattenJobName: z.string(),
  AlertTopicArn: z.string(),
});

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

/** The platform deployed on this machine. */
export interface Platform extends Deployed {
  readonly endpoint: string;
  /** Where the local Snowflake answers, and who may log in. */
  readonly warehouse: { readonly accessUrl: string; readonly account: SnowflakeAccount };
  /** Airflow, where the platform has one; it may still be on its way. */
  readonly airflow?: LocalAirflow;
  readonly seconds: { readonly start: number; readonly deploy: number };
  stop(): Promise<void>;
}

export interface PlatformOptions {
  /** Folder for all state of this platform. */
  readonly state: string;
  /** Synthesised assembly to deploy; made from the sources where not given. */
  readonly assembly?: string;
  /** Whether Airflow runs dbt, which the assembly has then to have a stack for. @default false */
  readonly airflow?: boolean;
  /** Told what is being done, in a few words. */
  readonly onStep?: (step: string) => void;
  /** Given each server as soon as it runs, so that it can be stopped whatever happens next. */
  readonly onProcess?: (process: Stoppable) => void;
}

type Stoppable = Pick<LaunchedServer, 'stop'>;

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/**
 * Starts the local AWS and the local Snowflake, deploys the synthesised stacks to them, and sets Airflow going.
 *
 * @throws Error of the part that failed; what was started has then been stopped
 */
export async function startPlatform({
  state,
  assembly,
  airflow: withAirflow = false,
  onStep = () => {},
  onProcess,
}: PlatformOptions): Promise<Platform> {
  const began = performance.now();
  const running: Stoppable[] = [];
  const started = <Server extends Stoppable>(server: Server): Server => {
    running.push(server);
    onProcess?.(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    for (const server of running.toReversed()) await server.stop();
  };

  onStep('synthesising the stacks, starting the local AWS and the local Snowflake');
  const account = newSnowflakeAccount(join(state, 'snowflake-login'));
  const address = withAirflow ? await newAirflowAddress(join(state, 'airflow-login')) : undefined;
  const servers = startServers({ state, account, airflow: address, started });
  const synthesising = assembly
    ? Promise.resolve(assembly)
    : synthesise(withAirflow ? 'local' : 'local-without-airflow');
  try {
    const [served, synthesised] = await Promise.allSettled([servers, synthesising]);
    if (served.status === 'rejected') throw served.reason;
    if (synthesised.status === 'rejected') throw synthesised.reason;
    const start = secondsSince(began);
    const deploying = performance.now();
    const { endpoint, accessUrl } = served.value;
    const aws = awsClients(endpoint);
    const privateKey = readFileSync(account.privateKeyFile, 'utf8');
    await storeSecret(aws, account, { privateKey, accessUrl });
    const deployed = await deploy(aws, synthesised.value, (stack) => onStep(`deploying ${stack}`));
    const outputs = PlatformOutputs.parse(deployed);
    const airflow =
      address &&
      new LocalAirflow({
        state: join(state, 'airflow'),
        address,
        outputs: OrchestrationOutputs.parse(deployed),
        endpoint,
        aws,
      });
    if (airflow) await started(airflow).start();
    const seconds = { start, deploy: secondsSince(deploying) };
    return { endpoint, aws, outputs, warehouse: { accessUrl, account }, seconds, stop, ...(airflow && { airflow }) };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Servers {
  readonly state: string;
  readonly account: SnowflakeAccount;
  readonly airflow: AirflowAddress | undefined;
  /** Told of each server as soon as it runs. */
  readonly started: <Server extends Stoppable>(server: Server) => Server;
}

/** Starts the local AWS, then the local Snowflake, which reads its S3. */
async function startServers({ state, account, airflow, started }: Servers) {
  const aws = await startAws({ state: join(state, 'aws'), ...(airflow && { airflow }) });
  const { endpoint } = started(aws);
  const { publicKeyFile } = account;
  const snowflake = await startSnowflake({ state: join(state, 'snowflake'), awsEndpoint: endpoint, publicKeyFile });
  return { endpoint, accessUrl: started(snowflake).endpoint };
}
