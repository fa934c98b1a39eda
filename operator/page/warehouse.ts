import type { WarehouseSession } from '../../local/platform/warehouse';
import type { PageWarehouse } from './views';
import type { Query } from './warehouse-queries';

/**
 * Opens a session for the first query, and again after a failure. Its queries run one after the other: one connection runs one query
 * at a time.
 */
export function lazyWarehouse(database: string, open: () => Promise<WarehouseSession>): () => Promise<PageWarehouse> {
  let opened: Promise<PageWarehouse> | undefined;
  return () => {
    opened ??= open().then((session) => ({
      database,
      query: oneByOne(async (sql) => (await session.query(sql)).rows),
    }));
    opened.catch(() => {
      opened = undefined;
    });
    return opened;
  };
}

/** A query function that starts a query only when the one before has succeeded or failed. */
export function oneByOne(query: Query): Query {
  let last: Promise<unknown> = Promise.resolve();
  return (sql) => {
    const answer = last.then(() => query(sql));
    last = answer.catch(() => undefined);
    return answer;
  };
}
