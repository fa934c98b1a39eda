import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { GetJobRunCommand, GlueClient, StartJobRunCommand } from '@aws-sdk/client-glue';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { AwsClient } from 'aws4fetch';
import { execa } from 'execa';
import { z } from 'zod';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import type { StreamSettings } from '../../lib/config/stream-settings';
import { streamJobName } from '../../lib/contracts/streams';
import { binOf, KAFKA_JARS, pythonPathOf, ROOT } from '../paths';
import type { AwsClients } from './aws-clients';
import { clientOptions } from './aws-clients';
import { type LaunchedServer, launchChildServer } from './child-server';

/** Partitions of the topic: a file for each is stored at a time. */
const PARTITIONS = 3;

const POLL_MS = 200;

const deadLetter = z.object({
  /** Of the value. */
  bytes: z.number(),
  headers: z.record(z.string(), z.string()),
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** The stream of this machine. */
function localStream(): StreamSettings {
  const [stream] = loadSettings('local-with-kafka').streams;
  if (!stream) throw new Error('environments/local-with-kafka.json names no stream.');
  return stream;
}

/** Starts the broker, with the topics of the stream. */
export function launchKafka(state: string, port: number): Promise<LaunchedServer> {
  const { topic, deadLetterTopic } = localStream();
  return launchChildServer({
    name: 'local Kafka',
    python: join(binOf('kafka'), 'python'),
    module: 'local_kafka',
    args: ['--jars', KAFKA_JARS, '--topic', `${topic}:${PARTITIONS}`, '--topic', `${deadLetterTopic}:1`],
    env: { PYTHONPATH: pythonPathOf('kafka') },
    state,
    port,
  });
}

/** A broker, the stream that reads it, and the job that does so. */
export class LocalKafka {
  private readonly glue: GlueClient;
  private run = '';

  private constructor(
    readonly stream: StreamSettings,
    /** `host:port` of the broker. */
    private readonly address: string,
    /** The broker's folder. */
    private readonly state: string,
    endpoint: string,
    private readonly cluster: string,
  ) {
    this.glue = new GlueClient(clientOptions(endpoint));
  }

  /** Makes what the job looks for: the login's secret, and the cluster that names the broker. */
  static async connect(
    broker: { readonly address: string; readonly state: string },
    endpoint: string,
    { secretsManager }: AwsClients,
  ): Promise<LocalKafka> {
    const stream = localStream();
    const SecretString = readFileSync(join(broker.state, 'login.json'), 'utf8');
    await secretsManager.send(new CreateSecretCommand({ Name: stream.secretName, SecretString }));
    const cluster = await createCluster(endpoint);
    return new LocalKafka(stream, broker.address, broker.state, endpoint, cluster);
  }

  /** Process id of the broker. */
  get brokerProcess(): number {
    return Number(readFileSync(join(this.state, 'broker.pid'), 'utf8'));
  }

  /** Process id of the run that was started last, and of all that it has started. */
  get jobProcessGroup(): number {
    return Number(readFileSync(join(this.state, '..', 'aws', 'glue', `${this.run}.pid`), 'utf8'));
  }

  /** Waits until the run that was started last has ended; returns its error. */
  async jobEnded(): Promise<string> {
    for (;;) {
      const { JobRun } = await this.glue.send(new GetJobRunCommand({ JobName: this.jobName, RunId: this.run }));
      const { JobRunState = '', ErrorMessage = '' } = JobRun ?? {};
      if (!['STARTING', 'RUNNING', 'STOPPING'].includes(JobRunState)) return ErrorMessage;
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }

  /** Starts a run of the job, as its schedule does. */
  async startJob(): Promise<void> {
    const { JobRunId = '' } = await this.glue.send(
      // The ARN of a cluster is known only when it is there.
      new StartJobRunCommand({ JobName: this.jobName, Arguments: { '--cluster': this.cluster } }),
    );
    this.run = JobRunId;
  }

  /** Produces made-up reviews, numbered from `first` on; returns when the broker has them, with how long that took (seconds). */
  async feed(messages: number, first = 0, ...more: readonly string[]): Promise<number> {
    const options = ['--messages', String(messages), '--first', String(first), ...more];
    const stdout = await this.client('feed', this.stream.topic, options);
    return z.object({ seconds: z.number() }).parse(JSON.parse(stdout)).seconds;
  }

  /** The messages of the dead-letter topic. */
  async deadLetters(): Promise<DeadLetter[]> {
    const lines = (await this.client('read', this.stream.deadLetterTopic)).split('\n').filter(Boolean);
    return lines.map((line) => deadLetter.parse(JSON.parse(line)));
  }

  /** Runs a client of the broker; returns what it prints. */
  private async client(module: string, topic: string, options: readonly string[] = []): Promise<string> {
    const { stdout } = await execa(
      join(binOf('kafka'), 'python'),
      [
        ...['-m', `local_kafka.${module}`, '--address', this.address, '--login', join(this.state, 'login.json')],
        ...['--topic', topic, ...options],
      ],
      { env: { PYTHONPATH: [pythonPathOf('kafka'), join(ROOT, 'local/samples')].join(delimiter) } },
    );
    return stdout;
  }

  private get jobName(): string {
    return streamJobName(resourcePrefix(loadSettings('local-with-kafka')), this.stream.name);
  }
}

/** Makes a cluster of MSK, by its API's paths: the packages have no client of it. */
async function createCluster(endpoint: string): Promise<string> {
  const { credentials, region } = clientOptions(endpoint);
  const kafka = new AwsClient({ ...credentials, region, service: 'kafka', retries: 0 });
  const answer = await kafka.fetch(`${endpoint}/v1/clusters`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      clusterName: 'local',
      kafkaVersion: '3.9.x',
      numberOfBrokerNodes: 1,
      brokerNodeGroupInfo: { instanceType: 'kafka.t3.small', clientSubnets: ['subnet-0'] },
    }),
  });
  return z.object({ clusterArn: z.string() }).parse(await answer.json()).clusterArn;
}
