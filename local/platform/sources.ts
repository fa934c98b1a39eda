import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import { connectors } from '../../lib/contracts/connectors';
import { binOf, pythonPathOf } from '../paths';
import type { AwsClients } from './aws-clients';
import { launchChildServer } from './child-server';
import { startDatabaseServer } from './database-server';
import { type LocalObjects, startObjects } from './object-stores';
import { makeQueriedCassandra } from './queried-cassandra';
import { makeQueriedMariadb, makeQueriedMongodb, makeQueriedPostgres, type QueriedDatabase } from './queried-database';
import type { Servers } from './servers';

/** What connectors of this machine can ask: a server that stands for every API, databases of a shop, containers of objects. */
export const SOURCES = ['rest', 'postgres', 'mysql', 'mongodb', 'cassandra', 'azure', 'gcs'] as const;

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
  /** Databases by the connector that reads them. */
  readonly databases: ReadonlyMap<string, QueriedDatabase>;
  readonly azure?: LocalObjects;
  readonly gcs?: LocalObjects;
}

/** Where sources answer that functions reach by an address of this machine. */
export const endpointsOf = ({ apis, azure, gcs }: LocalSources) => ({
  apis: apis?.endpoint,
  azure: azure?.endpoint,
  gcs: gcs?.endpoint,
});

/** Of each database: its server, the connector that reads it, and what makes the shop that the connector reads. */
const DATABASES = {
  postgres: { server: 'postgres', connector: 'shop-database', make: makeQueriedPostgres },
  mysql: { server: 'mariadb', connector: 'shop-mysql', make: makeQueriedMariadb },
  mongodb: { server: 'mongodb', connector: 'shop-mongodb', make: makeQueriedMongodb },
  cassandra: { server: 'cassandra', connector: 'shop-cassandra', make: makeQueriedCassandra },
} as const;

const isDatabase = (name: SourceName): name is keyof typeof DATABASES => name in DATABASES;

/** Starts the sources that are named. */
export async function startSources(
  names: readonly SourceName[],
  state: string,
  servers: Servers,
): Promise<LocalSources> {
  const [apis, azure, gcs, ...made] = await Promise.all([
    names.includes('rest') ? startApis(join(state, 'sources'), servers) : undefined,
    names.includes('azure') ? startObjects('azure', state, servers) : undefined,
    names.includes('gcs') ? startObjects('gcs', state, servers) : undefined,
    ...names.filter(isDatabase).map(async (name) => {
      const { server, connector, make } = DATABASES[name];
      return [connector, await make(await startDatabaseServer(server, join(state, name), servers))] as const;
    }),
  ]);
  return { ...(apis && { apis }), ...(azure && { azure }), ...(gcs && { gcs }), databases: new Map(made) };
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

/** Name of a connector's secret, by its contract. */
function secretOf(connector: string): string {
  const secret = connectors.get(connector)?.authentication?.secret;
  if (secret === undefined) throw new Error(`contracts/connectors/${connector}.json names no secret.`);
  return secret;
}

/** Puts the logins where the connectors look for them. */
export async function storeSourceSecrets(
  { secretsManager }: AwsClients,
  { apis, databases, azure, gcs }: LocalSources,
): Promise<void> {
  const ofDatabases = [...databases].map(([connector, { secret }]) => [secretOf(connector), secret] as const);
  const secrets = {
    ...(apis && secretsOfApis(apis)),
    ...Object.fromEntries(ofDatabases),
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
