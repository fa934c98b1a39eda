import { join } from 'node:path';
import type { AirflowAddress } from './airflow-address';
import { readEnvironment } from './airflow-environment';
import { launchAirflow } from './airflow-process';
import type { AwsClients } from './aws-clients';
import type { LaunchedServer } from './child-server';
import { type DagsFolder, followDags } from './dags-folder';

/** Outputs of the orchestration stack. */
export interface OrchestrationOutputs {
  readonly AirflowEnvironmentName: string;
  readonly AirflowBucketName: string;
  readonly PublishedQueueUrl: string;
}

export interface LocalAirflowOptions {
  /** Folder for everything Airflow writes. */
  readonly state: string;
  readonly address: AirflowAddress;
  readonly outputs: OrchestrationOutputs;
  /** Endpoint of the local AWS, and clients of it. */
  readonly endpoint: string;
  readonly aws: AwsClients;
}

/** The real Airflow, in the role of the deployed MWAA environment. */
export class LocalAirflow {
  readonly address: AirflowAddress;
  readonly outputs: OrchestrationOutputs;
  private running:
    | { readonly server: LaunchedServer; readonly dags: DagsFolder; readonly ready: Promise<number> }
    | undefined;

  constructor(private readonly options: LocalAirflowOptions) {
    this.address = options.address;
    this.outputs = options.outputs;
  }

  /** Starts Airflow with what is deployed now, without waiting until it serves. State from before a stop is kept. */
  async start(): Promise<void> {
    const { state, address, outputs, endpoint, aws } = this.options;
    const environment = await readEnvironment(aws, outputs.AirflowEnvironmentName);
    const dags = await followDags(aws.s3, environment, join(state, 'dags'));
    const began = performance.now();
    const server = await launchAirflow({ state, dags: dags.path, address, environment, awsEndpoint: endpoint });
    const ready = server.endpoint.then(() => (performance.now() - began) / 1000);
    ready.catch(() => {});
    this.running = { server, dags, ready };
  }

  /**
   * Waits until it serves.
   *
   * @returns how long that took from its start (seconds)
   * @throws Error with the end of its log if it fails to start
   */
  ready(): Promise<number> {
    if (!this.running) throw new Error('Airflow is not running: start it first.');
    return this.running.ready;
  }

  /** Process that started its parts. */
  get pid(): number {
    if (!this.running) throw new Error('Airflow is not running: start it first.');
    return this.running.server.pid;
  }

  /** Ends it and all it started. */
  async stop(): Promise<void> {
    this.running?.dags.stop();
    await this.running?.server.stop();
    this.running = undefined;
  }
}
