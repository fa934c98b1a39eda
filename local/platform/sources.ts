import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import { binOf, pythonPathOf } from '../paths';
import type { AwsClients } from './aws-clients';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** What connectors of this machine ask, and the login that one of them needs. */
export interface LocalSources {
  /** URL of the server that stands for every source. */
  readonly endpoint: string;
  readonly refreshToken: string;
}

/** Starts the server that stands for every source. */
export async function startSources(state: string, servers: Servers): Promise<LocalSources> {
  const refreshToken = randomUUID();
  const server = await servers.add(
    launchChildServer({
      name: 'local sources',
      python: join(binOf('connectors'), 'python'),
      module: 'local_sources',
      args: ['--refresh-token', refreshToken],
      env: { PYTHONPATH: pythonPathOf('sources') },
      state,
    }),
  );
  return { endpoint: await server.endpoint, refreshToken };
}

/** Puts the login where the connector looks for it. */
export async function storeSourceSecret({ secretsManager }: AwsClients, { refreshToken }: LocalSources): Promise<void> {
  await secretsManager.send(
    new CreateSecretCommand({
      Name: `${resourcePrefix(loadSettings('local'))}/connectors/google-business-profile`,
      SecretString: JSON.stringify({ clientId: 'local', clientSecret: 'local', refreshToken }),
    }),
  );
}
