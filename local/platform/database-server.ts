import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { binOf, CASSANDRA_JARS, FERRETDB, MARIADB_JARS, pythonPathOf } from '../paths';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** Each database's name, and where its programs are. All take connections by TLS, and no others unless it is said. */
const DATABASE_SERVERS = {
  /** With logical decoding; without TLS, too. */
  postgres: { name: 'PostgreSQL', args: [] },
  mariadb: { name: 'MariaDB', args: ['--jars', MARIADB_JARS] },
  /** FerretDB, which speaks MongoDB's protocol. */
  mongodb: { name: 'MongoDB', args: ['--program', FERRETDB] },
  cassandra: { name: 'Cassandra', args: ['--jars', CASSANDRA_JARS] },
} as const;

/** A database of this machine. */
export interface DatabaseServer {
  /** `<scheme>://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Password of its owner: `shop`, or `postgres` of PostgreSQL. */
  readonly password: string;
  /** PEM file of the authority that has signed the server's certificate. */
  readonly authorityFile: string;
}

/** Starts a database without tables. */
export async function startDatabaseServer(
  database: keyof typeof DATABASE_SERVERS,
  state: string,
  servers: Servers,
): Promise<DatabaseServer> {
  const { name, args } = DATABASE_SERVERS[database];
  const password = randomUUID();
  const server = await servers.add(
    launchChildServer({
      name: `local ${name}`,
      python: join(binOf(database), 'python'),
      module: `local_${database}`,
      args,
      env: { PYTHONPATH: pythonPathOf(database), [`${database.toUpperCase()}_PASSWORD`]: password },
      state,
    }),
  );
  return { endpoint: await server.endpoint, password, authorityFile: join(state, 'authority.pem') };
}
