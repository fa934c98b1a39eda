import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, pythonPathOf } from '../paths';
import type { DatabaseServer } from './database-server';
import { QUERIED, type QueriedDatabase, rightToRead, textOf } from './queried-database';

/** Makes the table of the connector "shop-cassandra", with reviews, in a Cassandra without tables. */
export async function makeQueriedCassandra(cassandra: DatabaseServer): Promise<QueriedDatabase> {
  const { hostname, port } = new URL(cassandra.endpoint);
  const password = randomUUID();
  const cql = clientOf(cassandra);
  await cql(
    [],
    `${textOf('shop-cassandra.cql')} CREATE ROLE ${QUERIED.reader} WITH PASSWORD = '${password}' AND LOGIN = true;`,
  );
  await cql([], rightToRead('shop.reviews', false));
  const add = async (count: number) => Number(await cql(['--reviews', String(count)]));
  await add(QUERIED.reviews);
  const secret = {
    ...{ host: hostname, port: Number(port), username: QUERIED.reader, password },
    certificate: readFileSync(cassandra.authorityFile, 'utf8'),
  };
  const refuse = async (refused: boolean) => {
    await cql([], rightToRead('shop.reviews', refused));
  };
  return { secret, add, refuse };
}

/** Runs statements as the owner, or adds reviews. */
function clientOf({ endpoint, password, authorityFile }: DatabaseServer) {
  const { port } = new URL(endpoint);
  return async (more: readonly string[], input = ''): Promise<string> => {
    const { stdout } = await execa(
      join(binOf('cassandra'), 'python'),
      ['-m', 'local_cassandra.client', '--port', port, '--authority', authorityFile, ...more],
      {
        input,
        // Not on the command line, which every user of the machine can read.
        env: { PYTHONPATH: pythonPathOf('cassandra'), CASSANDRA_PASSWORD: password },
      },
    );
    return stdout.trim();
  };
}
