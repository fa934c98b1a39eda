import { delimiter, join } from 'node:path';
import { binOf, pythonPathOf, ROOT, SPARK_JARS, STREAM_JARS } from '../paths';
import type { AirflowAddress } from './airflow-address';
import { type LaunchedServer, launchChildServer } from './child-server';

export interface AwsProcessOptions {
  /** Folder for everything the local AWS writes. */
  readonly state: string;
  /** Port it serves on. @default a free one */
  readonly port?: number;
  /** Where Airflow will answer, if the run has one. */
  readonly airflow?: AirflowAddress;
  /** Where sources of connectors answer, if there are to be connectors. */
  readonly connectors?: Readonly<Record<'apis' | 'azure' | 'gcs', string | undefined>>;
  /** Whether tasks of DMS run. @default false */
  readonly changeCapture?: boolean;
  /** `host:port` of the broker that clusters of MSK name, if there is to be one. */
  readonly kafka?: string;
  /** Further options of its command line, such as a rate limit for tests. */
  readonly options?: readonly string[];
}

/** Starts the local AWS. */
export const launchAws = ({
  state,
  port,
  airflow,
  connectors,
  changeCapture = false,
  kafka,
  options = [],
}: AwsProcessOptions): Promise<LaunchedServer> =>
  launchChildServer({
    name: 'local AWS',
    python: join(binOf('aws'), 'python'),
    module: 'local_aws',
    args: [
      ...['--spark-jars', SPARK_JARS, '--glue-python', join(binOf('glue'), 'python'), ...options],
      ...(airflow ? ['--airflow-endpoint', airflow.endpoint, '--airflow-passwords', airflow.passwords] : []),
      ...(changeCapture ? ['--dms-python', join(binOf('dms'), 'python')] : []),
      ...(connectors ? ['--function-python', join(binOf('connectors'), 'python')] : []),
      ...(connectors?.apis ? ['--source-endpoint', connectors.apis] : []),
      ...(connectors?.azure ? ['--azure-endpoint', connectors.azure] : []),
      ...(connectors?.gcs ? ['--gcs-endpoint', connectors.gcs] : []),
      ...(kafka ? ['--kafka-brokers', kafka, '--kafka-jars', STREAM_JARS] : []),
    ],
    env: {
      PYTHONPATH: pythonPathOf('aws'),
      // The local AWS runs Lambda functions on the `node` that it finds: the project's.
      PATH: [join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
    },
    state,
    ...(port !== undefined && { port }),
  });
