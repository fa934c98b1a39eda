import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { binOf, pythonPathOf } from '../paths';
import { launchChildServer } from './child-server';
import type { Servers } from './servers';

/** A container of objects on this machine, with made-up reviews. */
export interface LocalObjects {
  readonly endpoint: string;
  /** Login that may list and read, as connectors want it. */
  readonly secret: Readonly<Record<string, string>>;
  /** Writes a file of so many reviews, or changes the one of that name. */
  write(name: string, reviews: number): Promise<void>;
  /** Refuses every call of the login, those after the first so many if it is said, or none any more. */
  refuse(refused: boolean, after?: number): Promise<void>;
  /** Reviews of each file that is there. */
  files(): Promise<Readonly<Record<string, number>>>;
}

const Files = z.record(z.string(), z.number());

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
  const tell = async (form: Readonly<Record<string, string>>) => {
    const answer = await fetch(new URL('/_control', endpoint), { method: 'POST', body: new URLSearchParams(form) });
    return Files.parse(await answer.json());
  };
  return {
    endpoint,
    secret: JSON.parse(readFileSync(join(folder, 'secret.json'), 'utf8')),
    async write(name, reviews) {
      await tell({ write: name, reviews: String(reviews) });
    },
    async refuse(refused, after = 0) {
      await tell({ refuse: String(refused), after: String(after) });
    },
    files: () => tell({}),
  };
}
