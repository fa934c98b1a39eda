import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { binOf, pythonPathOf } from '../paths';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** A PostgreSQL of this machine, with logical decoding. */
export interface LocalPostgres {
  /** `postgresql://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Password of the superuser, `postgres`. */
  readonly password: string;
  /** PEM file of the authority that has signed the server's certificate. */
  readonly authorityFile: string;
}

/** Starts a PostgreSQL without tables. It takes connections with TLS and without. */
export async function startPostgres(state: string, servers: Servers): Promise<LocalPostgres> {
  const password = randomUUID();
  const server = await servers.add(
    launchChildServer({
      name: 'local PostgreSQL',
      python: join(binOf('postgres'), 'python'),
      module: 'local_postgres',
      args: [],
      env: { PYTHONPATH: pythonPathOf('postgres'), POSTGRES_PASSWORD: password },
      state,
    }),
  );
  return { endpoint: await server.endpoint, password, authorityFile: join(state, 'authority.pem') };
}
