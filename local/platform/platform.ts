import { join } from 'node:path';
import { z } from 'zod';
import { type AwsClients, awsClients } from './aws-clients';
import { type AwsProcess, startAws } from './aws-process';
import { deploy } from './deploy';
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

export type PlatformOutputs = z.infer<typeof PlatformOutputs>;

/** The platform deployed on this machine. */
export interface Platform {
  readonly endpoint: string;
  readonly aws: AwsClients;
  readonly outputs: PlatformOutputs;
  readonly seconds: { readonly start: number; readonly deploy: number };
  stop(): Promise<void>;
}

export interface PlatformOptions {
  /** Folder for all state of this platform. */
  readonly state: string;
  /** Synthesised assembly to deploy; made from the sources where not given. */
  readonly assembly?: string;
  /** Bytes that are going to be dropped, as far as they are known; what Spark is tuned for depends on them. @default 0 */
  readonly inputBytes?: number;
  /** Told what is being done, in a few words. */
  readonly onStep?: (step: string) => void;
  /** Given the process as soon as it runs, so that it can be stopped whatever happens next. */
  readonly onProcess?: (process: AwsProcess) => void;
}

/** From here on Spark's optimising compiler is worth its start-up: some ten seconds' work. */
const LARGE_BYTES = 100_000_000;

const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/**
 * Starts the local AWS and deploys the synthesised stacks to it.
 *
 * @throws Error of the part that failed; what was started has then been stopped
 */
export async function startPlatform({
  state,
  assembly,
  inputBytes = 0,
  onStep = () => {},
  onProcess,
}: PlatformOptions): Promise<Platform> {
  const began = performance.now();
  onStep('synthesising the stacks, starting the local AWS');
  const starting = startAws({
    state: join(state, 'aws'),
    warm: 1,
    sparkStart: inputBytes < LARGE_BYTES ? 'quick' : 'steady',
  });
  const synthesising = assembly ? Promise.resolve(assembly) : synthesise();
  const [started, synthesised] = await Promise.allSettled([starting, synthesising]);
  if (started.status === 'rejected') throw started.reason;
  const server = started.value;
  onProcess?.(server);
  try {
    if (synthesised.status === 'rejected') throw synthesised.reason;
    const start = secondsSince(began);
    const deploying = performance.now();
    const aws = awsClients(server.endpoint);
    const outputs = PlatformOutputs.parse(
      await deploy(aws, synthesised.value, (stack) => onStep(`deploying ${stack}`)),
    );
    return {
      endpoint: server.endpoint,
      aws,
      outputs,
      seconds: { start, deploy: secondsSince(deploying) },
      stop: () => server.stop(),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
