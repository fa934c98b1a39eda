import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { binOf, FERRETDB, pythonPathOf } from '../paths';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** A server of this machine that speaks MongoDB's protocol, with an empty database `shop`. */
export interface LocalMongodb {
  /** `mongodb://127.0.0.1:<port>`. */
  readonly endpoint: string;
  /** Password of the database's owner, `shop`. */
  readonly password: string;
  /** PEM file of the authority that has signed the server's certificate. */
  readonly authorityFile: string;
}

/** Starts FerretDB without collections. It takes connections with TLS only. */
export async function startMongodb(state: string, servers: Servers): Promise<LocalMongodb> {
  const password = randomUUID();
  const server = await servers.add(
    launchChildServer({
      name: 'local MongoDB',
      python: join(binOf('mongodb'), 'python'),
      module: 'local_mongodb',
      args: ['--program', FERRETDB],
      env: { PYTHONPATH: pythonPathOf('mongodb'), MONGODB_PASSWORD: password },
      state,
    }),
  );
  return { endpoint: await server.endpoint, password, authorityFile: join(state, 'authority.pem') };
}
