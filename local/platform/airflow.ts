import { join } from 'node:path';
import type { AirflowAddress } from './airflow-address';
import { readEnvironment } from './airflow-environment';
import { launchAirflow } from './airflow-process';
import type { AwsClients } from './aws-clients';
import type { LaunchedServer } from './child-server';
import { followDags } from './dags-folder';

/** What the orchestration stack says of itself. */
export interface OrchestrationOutputs {
  readonly AirflowEnvironmentName: string;
  readonly AirflowBucketName: string;
  readonly PublishedQueueUrl: string;
}

/** The real Airflow, playing the deployed MWAA environment. */
export interface LocalAirflow {
  readonly address: AirflowAddress;
  readonly outputs: OrchestrationOutputs;
  /** Seconds from its start until it served; rejected where it could not. */
  readonly ready: Promise<number>;
}

export interface AirflowOptions {
  /** Folder for everything Airflow writes. */
  readonly state: string;
  readonly address: AirflowAddress;
  readonly outputs: OrchestrationOutputs;
  /** Endpoint of the local AWS, and clients of it. */
  readonly endpoint: string;
  readonly aws: AwsClients;
  /** Given the process as soon as there is one. */
  readonly launched: (server: LaunchedServer) => void;
}

/** Starts Airflow with what was deployed for it, and does not wait until it serves. */
export async function startAirflow(options: AirflowOptions): Promise<LocalAirflow> {
  const { state, address, outputs, endpoint, aws } = options;
  const environment = await readEnvironment(endpoint, outputs.AirflowEnvironmentName);
  const dags = await followDags(aws.s3, environment, join(state, 'dags'));
  const began = performance.now();
  const server = await launchAirflow({ state, dags: dags.path, address, environment, awsEndpoint: endpoint });
  options.launched({
    ...server,
    async stop() {
      dags.stop();
      await server.stop();
    },
  });
  const ready = server.endpoint.then(() => (performance.now() - began) / 1000);
  ready.catch(() => {});
  return { address, outputs, ready };
}
