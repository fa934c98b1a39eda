import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { binOf, pythonPathOf } from '../paths';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** A container of objects on this machine, with made-up reviews. */
export interface LocalObjects {
  readonly endpoint: string;
  /** Login that may list and read, as connectors want it. */
  readonly secret: Readonly<Record<string, string>>;
}

/** Azurite is a program of Node; what fills it is Microsoft's client, which the connectors have. */
const PYTHON = { azure: 'connectors', gcs: 'gcs' } as const;

/** Starts a server of a service of objects. */
export async function startObjects(
  service: keyof typeof PYTHON,
  state: string,
  servers: Servers,
): Promise<LocalObjects> {
  const folder = join(state, service);
  const server = await servers.add(
    launchChildServer({
      name: `local ${service}`,
      python: join(binOf(PYTHON[service]), 'python'),
      module: `local_${service}`,
      args: [],
      env: { PYTHONPATH: pythonPathOf(service) },
      state: folder,
    }),
  );
  const endpoint = await server.endpoint;
  return { endpoint, secret: JSON.parse(readFileSync(join(folder, 'secret.json'), 'utf8')) };
}
