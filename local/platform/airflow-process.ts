import { join } from 'node:path';
import { AIRFLOW_DATABASE, binOf, pythonPathOf } from '../paths';
import type { AirflowAddress } from './airflow-address';
import { type AirflowEnvironment, configurationVariables } from './airflow-environment';
import { awsEnvironment } from './aws-clients';
import { type LaunchedServer, launchChildServer } from './child-server';

export interface AirflowProcessOptions {
  /** Folder for everything Airflow writes. */
  readonly state: string;
  /** Folder of the DAGs. */
  readonly dags: string;
  readonly address: AirflowAddress;
  /** The deployed MWAA environment whose role it takes. */
  readonly environment: AirflowEnvironment;
  /** Endpoint of the local AWS, where tasks find secrets, bucket and topic. */
  readonly awsEndpoint: string;
}

/** Starts the real Airflow with the configuration of a deployed MWAA environment; it serves some ten seconds later. */
export const launchAirflow = (options: AirflowProcessOptions): Promise<LaunchedServer> =>
  launchChildServer({
    name: 'local Airflow',
    python: join(binOf('airflow'), 'python'),
    module: 'local_airflow',
    args: ['--database', AIRFLOW_DATABASE, '--dags', options.dags, '--passwords', options.address.passwords],
    env: {
      ...configurationVariables(options.environment),
      ...awsEnvironment(options.awsEndpoint),
      // On MWAA the startup script says where dbt is.
      DBT_BIN: join(binOf('dbt'), 'dbt'),
      PYTHONPATH: pythonPathOf('airflow'),
    },
    state: options.state,
    port: options.address.port,
  });
