import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import { binOf, pythonPathOf } from '../paths';
import type { AwsClients } from './aws-clients';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** What connectors of this machine ask, and the login that some of them need. */
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

/** Puts the logins where the connectors look for them. */
export async function storeSourceSecrets(
  { secretsManager }: AwsClients,
  { refreshToken }: LocalSources,
): Promise<void> {
  const secrets = {
    'google-business-profile': { clientId: 'local', clientSecret: 'local', refreshToken },
    salesforce: { clientId: 'local', clientSecret: refreshToken },
    hubspot: { token: refreshToken },
  };
  for (const [name, secret] of Object.entries(secrets)) {
    await secretsManager.send(
      new CreateSecretCommand({
        Name: `${resourcePrefix(loadSettings('local'))}/connectors/${name}`,
        SecretString: JSON.stringify(secret),
      }),
    );
  }
}
