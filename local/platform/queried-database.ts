import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, MARIADB_JARS, pythonPathOf, ROOT } from '../paths';
import type { DatabaseServer } from './database-server';

const SAMPLES = join(ROOT, 'local/samples');

/** Of every such database: the reviews that are there at first, and the user who may only read. */
export const QUERIED = { reviews: 250, reader: 'review_reader' } as const;

/** The database of a made-up shop, which a connector reads. */
export interface QueriedDatabase {
  /** Login of a user who may only read, as connectors want it. */
  readonly secret: Readonly<Record<string, string | number>>;
  /** Adds reviews; returns how many there are then. */
  add(count: number): Promise<number>;
  /** Takes from the connector's user the right to read, or to log in where there are no rights, or gives it back. */
  refuse(refused: boolean): Promise<void>;
}

/** A PostgreSQL, whose reviews can have long texts: then a run stores several objects. */
export interface QueriedPostgres extends QueriedDatabase {
  /** Adds reviews, each text so many times as long as usual (1 by default); returns how many there are then. */
  add(count: number, times?: number): Promise<number>;
}

/** The statement by which a user loses or gets the right to read a table. */
export const rightToRead = (table: string, refused: boolean): string =>
  refused ? `REVOKE SELECT ON ${table} FROM ${QUERIED.reader};` : `GRANT SELECT ON ${table} TO ${QUERIED.reader};`;

/** Makes the table of the connector "shop-database", with reviews, in a PostgreSQL without tables. */
export async function makeQueriedPostgres(postgres: DatabaseServer): Promise<QueriedPostgres> {
  const { hostname, port } = new URL(postgres.endpoint);
  const password = randomUUID();
  const psql = psqlOf(postgres);
  await psql(script('shop-database.sql'), { SHOP_PASSWORD: password });
  const add = async (count: number, times = 1) => {
    const variables = ['--variable', `count=${count}`, '--variable', `times=${times}`];
    return Number(await psql([...script('shop-reviews.sql'), ...variables]));
  };
  await add(QUERIED.reviews);
  const secret = {
    ...{ host: hostname, port: Number(port), dbname: 'postgres', username: QUERIED.reader, password },
    certificate: readFileSync(postgres.authorityFile, 'utf8'),
  };
  const refuse = async (refused: boolean) => {
    await psql(['--command', rightToRead('shop.reviews', refused)]);
  };
  return { secret, add, refuse };
}

/** Option by which psql runs one of the sample's scripts. */
const script = (name: string): string[] => ['--file', join(SAMPLES, name)];

/** Runs psql as the superuser: the packaged client, which speaks no TLS. */
function psqlOf({ endpoint, password }: DatabaseServer) {
  return async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const quiet = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set', 'ON_ERROR_STOP=1'];
    const run = ['-m', 'local_postgres.psql', `${endpoint}/postgres?sslmode=disable`];
    const { stdout } = await execa(join(binOf('postgres'), 'python'), [...run, ...quiet, ...args], {
      env: { PYTHONPATH: pythonPathOf('postgres'), PGUSER: 'postgres', PGPASSWORD: password, ...env },
    });
    return stdout.trim();
  };
}

/** Makes the table of the connector "shop-mysql", with reviews, in a MariaDB without tables. */
export async function makeQueriedMariadb(mariadb: DatabaseServer): Promise<QueriedDatabase> {
  const { hostname, port } = new URL(mariadb.endpoint);
  const password = randomUUID();
  const client = clientOf(mariadb);
  await client(`${textOf('shop-mysql.sql')} CREATE USER ${QUERIED.reader} IDENTIFIED BY '${password}';`);
  await client(rightToRead('shop.reviews', false));
  const add = async (count: number) =>
    Number(await client(`SET @count = ${count}; ${textOf('shop-mysql-reviews.sql')}`));
  await add(QUERIED.reviews);
  const secret = {
    ...{ host: hostname, port: Number(port), dbname: 'shop', username: QUERIED.reader, password },
    certificate: readFileSync(mariadb.authorityFile, 'utf8'),
  };
  const refuse = async (refused: boolean) => {
    await client(rightToRead('shop.reviews', refused));
  };
  return { secret, add, refuse };
}

/** A script of the samples. */
export const textOf = (script: string): string => readFileSync(join(SAMPLES, script), 'utf8');

/** Runs statements as the owner, by the packaged client. */
function clientOf({ endpoint, password, authorityFile }: DatabaseServer) {
  const { hostname, port } = new URL(endpoint);
  return async (input: string): Promise<string> => {
    const login = ['--host', hostname, '--port', port, '--user', 'shop', '--ssl-ca', authorityFile];
    const quiet = ['--protocol', 'tcp', '--database', 'shop', '--batch', '--skip-column-names'];
    const utf8 = ['--default-character-set', 'utf8mb4'];
    const { stdout } = await execa(
      join(binOf('mariadb'), 'python'),
      ['-m', 'local_mariadb.client', MARIADB_JARS, ...login, ...quiet, ...utf8],
      {
        input,
        // Not on the command line, which every user of the machine can read.
        env: { PYTHONPATH: pythonPathOf('mariadb'), MYSQL_PWD: password },
      },
    );
    return stdout.trim();
  };
}

/** Makes the collection of the connector "shop-mongodb", with reviews, on a server without collections. */
export async function makeQueriedMongodb(mongodb: DatabaseServer): Promise<QueriedDatabase> {
  const { hostname, port } = new URL(mongodb.endpoint);
  const password = randomUUID();
  const shop = shopOf(mongodb);
  await shop('make', { SHOP_PASSWORD: password });
  const add = async (count: number) => Number(await shop(`add ${count}`));
  await add(QUERIED.reviews);
  const secret = {
    ...{ host: hostname, port: Number(port), dbname: 'shop', username: QUERIED.reader, password, authSource: 'shop' },
    certificate: readFileSync(mongodb.authorityFile, 'utf8'),
  };
  const refuse = async (refused: boolean) => {
    await shop('login', { SHOP_PASSWORD: refused ? randomUUID() : password });
  };
  return { secret, add, refuse };
}

/** Runs a command of the sample's shop as the owner. */
function shopOf({ endpoint, password, authorityFile }: DatabaseServer) {
  const { port } = new URL(endpoint);
  return async (command: string, env: Readonly<Record<string, string>> = {}): Promise<string> => {
    const args = ['-m', 'local_mongodb.shop', '--port', port, '--authority', authorityFile, ...command.split(' ')];
    const { stdout } = await execa(join(binOf('mongodb'), 'python'), args, {
      env: { PYTHONPATH: pythonPathOf('mongodb'), MONGODB_PASSWORD: password, ...env },
    });
    return stdout.trim();
  };
}
