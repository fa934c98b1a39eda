import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { binOf, CASSANDRA_JARS, pythonPathOf } from '../paths';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** A Cassandra of this machine, without keyspaces. */
export interface LocalCassandra {
  /** `cassandra://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Password of its owner, `shop`. */
  readonly password: string;
  /** PEM file of the authority that has signed the server's certificate. */
  readonly authorityFile: string;
}

/** Starts a Cassandra without tables. It takes connections with TLS only. */
export async function startCassandra(state: string, servers: Servers): Promise<LocalCassandra> {
  const password = randomUUID();
  const server = await servers.add(
    launchChildServer({
      name: 'local Cassandra',
      python: join(binOf('cassandra'), 'python'),
      module: 'local_cassandra',
      args: ['--jars', CASSANDRA_JARS],
      env: { PYTHONPATH: pythonPathOf('cassandra'), CASSANDRA_PASSWORD: password },
      state,
    }),
  );
  return { endpoint: await server.endpoint, password, authorityFile: join(state, 'authority.pem') };
}
