import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, pythonPathOf, ROOT } from '../paths';
import type { LocalPostgres } from './postgres';

const SAMPLES = join(ROOT, 'local/samples');

/** Reviews that are there at first. */
const REVIEWS = 250;

/** The database of a made-up shop, which the connector "shop-database" reads. */
export interface QueriedDatabase {
  /** Login of a user who may only read, as connectors want it. */
  readonly secret: Readonly<Record<string, string | number>>;
  /** Adds reviews; returns how many there are then. */
  add(count: number): Promise<number>;
}

/** Makes the shop's table, with reviews, in a PostgreSQL without tables. */
export async function makeQueriedDatabase(postgres: LocalPostgres): Promise<QueriedDatabase> {
  const { hostname, port } = new URL(postgres.endpoint);
  const password = randomUUID();
  const psql = psqlOf(postgres);
  await psql('shop-database.sql', [], { SHOP_PASSWORD: password });
  const add = async (count: number) => Number(await psql('shop-reviews.sql', ['--variable', `count=${count}`]));
  await add(REVIEWS);
  const secret = {
    ...{ host: hostname, port: Number(port), dbname: 'postgres', username: 'review_reader', password },
    certificate: readFileSync(postgres.authorityFile, 'utf8'),
  };
  return { secret, add };
}

/** Runs one of the sample's scripts as the superuser, by the packaged client, which speaks no TLS. */
function psqlOf({ endpoint, password }: LocalPostgres) {
  return async (script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const quiet = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1'];
    const run = ['-m', 'local_postgres.psql', `${endpoint}/postgres?sslmode=disable`, '--file', join(SAMPLES, script)];
    const { stdout } = await execa(join(binOf('postgres'), 'python'), [...run, ...quiet, ...args], {
      env: { PYTHONPATH: pythonPathOf('postgres'), PGUSER: 'postgres', PGPASSWORD: password, ...env },
    });
    return stdout.trim();
  };
}
