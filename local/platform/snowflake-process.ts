import { join } from 'node:path';
import { binOf, pythonPathOf } from '../paths';
import { type LaunchedServer, launchChildServer } from './child-server';

export interface SnowflakeProcessOptions {
  /** Folder for everything the local Snowflake writes. */
  readonly state: string;
  /** Endpoint of the local AWS, whose S3 and SQS it reads. */
  readonly awsEndpoint: string;
  /** PEM file of the public key that logins must prove they own. */
  readonly publicKeyFile: string;
  /** Port it serves on. @default a free one */
  readonly port?: number | undefined;
}

/** Starts the local Snowflake. */
export const launchSnowflake = (options: SnowflakeProcessOptions): Promise<LaunchedServer> =>
  launchChildServer({
    name: 'local Snowflake',
    python: join(binOf('snowflake'), 'python'),
    module: 'local_snowflake',
    args: ['--s3-endpoint', options.awsEndpoint, '--public-key', options.publicKeyFile],
    env: { PYTHONPATH: pythonPathOf('snowflake') },
    state: options.state,
    ...(options.port && { port: options.port }),
  });
