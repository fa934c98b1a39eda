import { join } from 'node:path';
import { binOf, pythonPathOf } from '../paths';
import { type LaunchedServer, launchChildServer } from './child-server';
import { usualPort } from './ports';

export interface SnowflakeProcessOptions {
  /** Folder for everything the local Snowflake writes. */
  readonly state: string;
  /** Endpoint of the local AWS, whose S3 and SQS it reads. */
  readonly awsEndpoint: string;
  /** PEM file of the public key that logins must prove they own. */
  readonly publicKeyFile: string;
}

/** Starts the local Snowflake, on the same port each time: dbt parses its project again where its connection has changed. */
export const launchSnowflake = async (options: SnowflakeProcessOptions): Promise<LaunchedServer> =>
  launchChildServer({
    name: 'local Snowflake',
    python: join(binOf('snowflake'), 'python'),
    module: 'local_snowflake',
    args: ['--s3-endpoint', options.awsEndpoint, '--public-key', options.publicKeyFile],
    env: { PYTHONPATH: pythonPathOf('snowflake') },
    state: options.state,
    port: await usualPort('snowflake'),
  });
