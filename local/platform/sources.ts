import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import { binOf, pythonPathOf } from '../paths';
import type { AwsClients } from './aws-clients';
import { launchChildServer } from './child-server';
import { type LocalObjects, startObjects } from './object-stores';
import { startPostgres } from './postgres';
import { makeQueriedDatabase, type QueriedDatabase } from './queried-database';
import type { Servers } from './servers';

/** What connectors of this machine can ask: a server that stands for every API, the database of a shop, containers of objects. */
export const SOURCES = ['rest', 'postgres', 'azure', 'gcs'] as const;

export type SourceName = (typeof SOURCES)[number];

/** The server that stands for every API. */
export interface LocalApis {
  readonly endpoint: string;
  /** The login that some of them want. */
  readonly refreshToken: string;
}

/** What connectors of this machine ask. */
export interface LocalSources {
  readonly apis?: LocalApis;
  readonly shop?: QueriedDatabase;
  readonly azure?: LocalObjects;
  readonly gcs?: LocalObjects;
}

/** Where sources answer that functions reach by an address of this machine. */
export const endpointsOf = ({ apis, azure, gcs }: LocalSources) => ({
  apis: apis?.endpoint,
  azure: azure?.endpoint,
  gcs: gcs?.endpoint,
});

/** Starts the sources that are named. */
export async function startSources(
  names: readonly SourceName[],
  state: string,
  servers: Servers,
): Promise<LocalSources> {
  const [apis, shop, azure, gcs] = await Promise.all([
    names.includes('rest') ? startApis(join(state, 'sources'), servers) : undefined,
    names.includes('postgres') ? startPostgres(join(state, 'postgres'), servers).then(makeQueriedDatabase) : undefined,
    names.includes('azure') ? startObjects('azure', state, servers) : undefined,
    names.includes('gcs') ? startObjects('gcs', state, servers) : undefined,
  ]);
  return { ...(apis && { apis }), ...(shop && { shop }), ...(azure && { azure }), ...(gcs && { gcs }) };
}

async function startApis(state: string, servers: Servers): Promise<LocalApis> {
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

const secretsOfApis = ({ refreshToken }: LocalApis) => ({
  'google-business-profile': { clientId: 'local', clientSecret: 'local', refreshToken },
  salesforce: { clientId: 'local', clientSecret: refreshToken },
  hubspot: { token: refreshToken },
});

/** Puts the logins where the connectors look for them. */
export async function storeSourceSecrets({ secretsManager }: AwsClients, sources: LocalSources): Promise<void> {
  const { apis, shop, azure, gcs } = sources;
  const secrets = {
    ...(apis && secretsOfApis(apis)),
    ...(shop && { 'shop-database': shop.secret }),
    ...(azure && { 'azure-reviews': azure.secret }),
    ...(gcs && { 'gcs-reviews': gcs.secret }),
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
