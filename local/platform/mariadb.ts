import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { binOf, MARIADB_JARS, pythonPathOf } from '../paths';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** A MariaDB of this machine, with an empty database `shop`. */
export interface LocalMariadb {
  /** `mysql://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Password of the database's owner, `shop`. */
  readonly password: string;
  /** PEM file of the authority that has signed the server's certificate. */
  readonly authorityFile: string;
}

/** Starts a MariaDB without tables. It takes connections with TLS only. */
export async function startMariadb(state: string, servers: Servers): Promise<LocalMariadb> {
  const password = randomUUID();
  const server = await servers.add(
    launchChildServer({
      name: 'local MariaDB',
      python: join(binOf('mariadb'), 'python'),
      module: 'local_mariadb',
      args: ['--jars', MARIADB_JARS],
      env: { PYTHONPATH: pythonPathOf('mariadb'), MARIADB_PASSWORD: password },
      state,
    }),
  );
  return { endpoint: await server.endpoint, password, authorityFile: join(state, 'authority.pem') };
}
