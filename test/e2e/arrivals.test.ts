import { join } from 'node:path';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectorContract, connectors } from '../../lib/contracts/connectors';
import { clientOptions } from '../../local/platform/aws-clients';
import type { LocalChangeCapture, LocalConnectors } from '../../local/platform/platform';
import type { QueriedPostgres } from '../../local/platform/queried-database';
import type { ShopRows } from '../../local/platform/shop-database';
import { NAMES } from '../../local/platform/snowflake-account';
import { capturedObjects, startCapture } from '../../local/run/change-capture';
import { localConnectors, objectsOf, runConnector } from '../../local/run/connectors';
import type { FileResult } from '../../local/run/file-result';
import { countRows, exportTables } from '../../local/run/tables';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { type ConnectorRun, fetchedBy, runThrough } from './support/connector-runs';
import { type Moment, READING, READING_ON, runKilled, STORING } from './support/killed-runs';
import { APIS, tellApis } from './support/local-apis';
import { ask, buildMarts, reviewsBySource } from './support/marts';
import { rowsOf } from './support/parquet';
import { publishedIds } from './support/published';
import {
  ended,
  jsonLines,
  listenForAlerts,
  type RunningPlatform,
  review,
  runAgain,
  startRunning,
} from './support/running';

const STEAM = 'steam-reviews';
const SHOP = 'shop-database';

let running: RunningPlatform;
let local: LocalConnectors;
let shop: QueriedPostgres;
let nextAlert: () => Promise<string>;

beforeAll(async () => {
  running = await startRunning({ sources: ['rest', 'postgres'], changeCapture: true });
  local = running.platform.connectors as LocalConnectors;
  shop = local.sources.databases.get(SHOP) as QueriedPostgres;
  nextAlert = await listenForAlerts(running.platform);
});
afterAll(() => running?.stop());

describe('versions of one object', () => {
  const KEY = 'reviews/native/day one.jsonl';
  const first = jsonLines([review('a'), review('b'), review('c')]);
  const changed = jsonLines([review('a', { rating: 1, updated_at: '2026-06-01T00:00:00Z' }), review('d')]);
  let published: FileResult;

  beforeAll(async () => {
    published = await running.follow(await running.drop(KEY, first));
  });

  const jobRuns = async (): Promise<number> => {
    const { endpoint, outputs } = running.platform;
    const glue = new GlueClient(clientOptions(endpoint));
    const runs = await Promise.all(
      [outputs.CleanJobName, outputs.FlattenJobName].map((JobName) => glue.send(new GetJobRunsCommand({ JobName }))),
    );
    return runs.reduce((sum, { JobRuns = [] }) => sum + JobRuns.length, 0);
  };

  it('publishes the first version', () => {
    expect(published).toMatchObject({
      status: 'PUBLISHED',
      recordsRead: 3,
      published: 3,
      executionStatus: 'SUCCEEDED',
    });
  });

  it('publishes once when the same event comes twice', async () => {
    const before = await jobRuns();
    const again = await ended(running.platform, await runAgain(running.platform, published.executionArn as string));
    expect(again.status).toBe('SUCCEEDED');
    expect(JSON.parse(again.output ?? '')).toMatchObject({ fileCount: 0, alreadyRegistered: 1 });
    expect(await jobRuns()).toBe(before);
    expect((await countRows(running.platform)).reviews).toBe(3);
  });

  it('ends the same bytes under the same key as DUPLICATE, starts no job and says so', async () => {
    const before = await jobRuns();
    const same = await running.follow(await running.drop(KEY, first));
    expect(same).toMatchObject({ status: 'DUPLICATE', published: 0, executionStatus: 'SUCCEEDED' });
    expect(same.reason).toMatch(/already published/i);
    expect(await jobRuns()).toBe(before);
    expect((await countRows(running.platform)).reviews).toBe(3);
  });

  it('processes a changed second version as a file of its own', async () => {
    const second = await running.follow(await running.drop(KEY, changed));
    expect(second).toMatchObject({ status: 'PUBLISHED', recordsRead: 2, published: 2 });
    const folder = join(running.folder, 'tables');
    await exportTables(running.platform, folder);
    const reviews = await rowsOf<{ review_id: string; file_id: string }>(folder, 'reviews');
    expect(reviews.map(({ review_id }) => review_id).sort()).toEqual(['a', 'a', 'b', 'c', 'd']);
    expect(new Set(reviews.map(({ file_id }) => file_id)).size).toBe(2);
  });
});

describe('records that a connector fetches', () => {
  const API_CONNECTORS = Object.keys(APIS) as (keyof typeof APIS)[];
  const CONNECTORS = [...API_CONNECTORS, SHOP] as const;

  const add = (connector: (typeof CONNECTORS)[number], count: number): Promise<unknown> =>
    connector === SHOP ? shop.add(count) : tellApis(local, { list: APIS[connector].list, add: String(count) });
  const run = (name: string): Promise<ConnectorRun> => runThrough(running, local, name);

  it('come from every source that this machine has', () => {
    expect(localConnectors(local.sources).map(({ connector }) => connector)).toEqual(CONNECTORS);
  });

  it('arrive whole at the first run, though a login and several pages are between', async () => {
    const before = await countRows(running.platform);
    const { lists } = await tellApis(local);
    const inShop = await shop.add(50);
    const runs = await Promise.all(CONNECTORS.map(run));
    const atSource = Object.values(lists).reduce((sum, count) => sum + count, inShop);
    for (const figure of ['read', 'published'] as const) {
      expect(runs.reduce((sum, made) => sum + made[figure], 0)).toBe(atSource);
    }
    expect(runs.reduce((sum, { outcome }) => sum + outcome.stored, 0)).toBe(atSource);
    const after = await countRows(running.platform);
    const grown = (table: string): number => (after[table] ?? 0) - (before[table] ?? 0);
    const { Contact = 0, contacts = 0, Case = 0, tickets = 0 } = lists;
    expect(grown('customers')).toBe(Contact + contacts);
    expect(grown('support_cases')).toBe(Case + tickets);
    expect(grown('reviews')).toBe(atSource - grown('customers') - grown('support_cases'));
  });

  // The connectors share nothing, so their runs are at the same time.
  it.concurrent.each(CONNECTORS)(
    'are stored once: an idle run of %s stores nothing, and the next one only what is new',
    async (connector) => {
      expect(await run(connector)).toMatchObject({ outcome: { stored: 0, objects: 0 }, read: 0 });
      await add(connector, 7);
      expect(await run(connector)).toMatchObject({ outcome: { stored: 7, objects: 1 }, read: 7, published: 7 });
    },
  );

  it.each(API_CONNECTORS)(
    'are refused in the middle of a run of %s: it fails, and somebody hears of it',
    async (name) => {
      await add(name, 250);
      await tellApis(local, { after: String(APIS[name].passing), status: '403' });
      await expect(runConnector(running.platform, local, name)).rejects.toThrow(/FAILED: ConnectorError/);
      const alert = await nextAlert();
      expect(alert).toMatch(new RegExp(`Connector ${name}: .* refuses the (call|credentials) \\(status 403\\)`));
      expect(alert).toContain('Nothing is lost');
    },
  );

  it('are refused by a database: the run fails, and somebody hears of it', async () => {
    await shop.add(250);
    await shop.refuse(true);
    await expect(runConnector(running.platform, local, SHOP)).rejects.toThrow(/FAILED: ConnectorError/);
    expect(await nextAlert()).toContain(`Connector ${SHOP}: the database does not let the user read`);
    await shop.refuse(false);
  });

  it.concurrent.each(CONNECTORS)(
    'are neither lost nor doubled by it: the next run of %s goes on',
    async (connector) => {
      expect(await run(connector)).toMatchObject({ outcome: { stored: 250 }, read: 250, published: 250 });
      expect(await run(connector)).toMatchObject({ outcome: { stored: 0 } });
    },
  );
});

describe('a connector whose process is killed (SIGKILL)', () => {
  /** Of each connector: how its source grows, so much that a run stores several objects; the records there are then; when it is killed. */
  it.each<[string, () => Promise<number>, readonly [Moment, Moment, Moment]]>([
    [
      STEAM,
      async () => {
        await tellApis(local, { list: '990001', add: '400' });
        const { lists } = await tellApis(local, { list: '990002', add: '400' });
        return (lists['990001'] ?? 0) + (lists['990002'] ?? 0);
      },
      [READING, READING_ON, STORING],
    ],
    // Three kilobytes each: an object ends with 64 MiB.
    [SHOP, () => shop.add(40_000, 100), [STORING, READING_ON, STORING]],
  ])(
    'reads %s: once killed Step Functions starts it again, twice killed the run fails and somebody hears of it; in the end nothing is missing and nothing doubled',
    async (connector, grow, [first, second, third]) => {
      const contract = connectors.get(connector) as ConnectorContract;
      const before = await objectsOf(running.platform, contract);
      const objects = async () => (await objectsOf(running.platform, contract)).length - before.length;

      const atFirst = await grow();
      expect(await runKilled(running, local, connector, [first, second])).toEqual({
        status: 'FAILED',
        errors: ['Runtime.ExitError', 'Runtime.ExitError'],
      });
      expect(await nextAlert()).toContain('Nothing is lost: the next run goes on where the last one ended.');
      const stored = await objects();
      expect(stored).toBeGreaterThan(0);
      expect(await fetchedBy(running, connector)).toBeLessThan(atFirst);

      const atSource = await grow();
      expect(await runKilled(running, local, connector, [third])).toEqual({
        status: 'SUCCEEDED',
        errors: ['Runtime.ExitError'],
      });
      expect(await objects()).toBeGreaterThan(stored);
      expect(await runConnector(running.platform, local, connector)).toMatchObject({ stored: 0, objects: 0 });

      const known = new Set(before.map(({ versionId }) => versionId));
      const added = (await objectsOf(running.platform, contract)).filter(({ versionId }) => !known.has(versionId));
      for (const { status } of await Promise.all(added.map(running.follow))) expect(status).toBe('PUBLISHED');
      expect(await fetchedBy(running, connector)).toBe(atSource);
      // Without those of the file that was dropped, which are of the same source.
      const ids = (await publishedIds(running, contract.source)).filter((id) => /^\d+$/.test(id));
      expect(ids).toHaveLength(atSource);
      expect(new Set(ids).size).toBe(atSource);
    },
  );

  it('leaves no difference behind: reconcile finds what each list has fetched in the raw bucket, the ledger and the tables', async () => {
    const { text } = await reconcile(await connectLocally(running.platform.endpoint), { grace: 15 });
    expect(text).toMatch(/Compared: .*, \d+ lists of connectors/);
    expect(text).toContain('All agrees.');
  });
});

describe('changes of a real PostgreSQL', () => {
  const capture = (): LocalChangeCapture => running.platform.changeCapture as LocalChangeCapture;
  const taken = new Set<string>();

  /** Takes what is new in the raw bucket through the pipeline: the number of its records, of which every one is published. */
  async function take(): Promise<number> {
    const objects = (await capturedObjects(running.platform, capture())).filter(({ key }) => !taken.has(key));
    for (const { key } of objects) taken.add(key);
    const results = await Promise.all(objects.map(running.follow));
    for (const { status, rejected } of results)
      expect({ status, rejected }).toEqual({ status: 'PUBLISHED', rejected: {} });
    return results.reduce((sum, { recordsRead }) => sum + recordsRead, 0);
  }

  /** Builds the presentation tables; reviews and the sum of their ratings by product. */
  async function built(...options: string[]): Promise<unknown[]> {
    await buildMarts(running, ['--select', '+product_summary', '--exclude-resource-type', 'test', ...options]);
    const rows = await ask(
      running,
      `select product_id, review_count, round(average_rating * rating_count) as stars
       from ${NAMES.database}.PRESENTATION.PRODUCT_SUMMARY where source_name = 'shop-database' order by product_id`,
    );
    return rows.map((row) => [row.PRODUCT_ID, Number(row.REVIEW_COUNT), Number(row.STARS)]);
  }

  const counted = (rows: ShopRows): unknown[] =>
    Object.entries(Object.groupBy(rows, ({ product_id }) => product_id))
      .map(([product, of = []]) => [product, of.length, of.reduce((sum, { stars }) => sum + stars, 0)])
      .sort(([left], [right]) => (String(left) < String(right) ? -1 : 1));

  it('begin with the rows that are there, once somebody has started the task', async () => {
    const rows = await capture().shop.rows;
    await startCapture(running.platform, capture());
    expect(await take()).toBe(rows.length);
    expect(await built()).toEqual(counted(rows));
  });

  it('reach the presentation tables: new rows, the last of three updates, deletions; and a full refresh says the same', async () => {
    const before = await capture().shop.rows;
    const rows = await capture().shop.change();
    expect(rows.length).toBe(before.length + 10);
    // 20 new ones, three updates of ten, ten deletions, two that are deleted and written again.
    expect(await take()).toBe(20 + 30 + 10 + 4);
    expect(await built()).toEqual(counted(rows));
    expect(await built('--full-refresh')).toEqual(counted(rows));
  });
});

it('what the sources hold is what the marts count: reviews of each source, customers and their cases', async () => {
  await buildMarts(running, ['--select', '+product_summary', '+customer_360', '--exclude-resource-type', 'test']);
  const { lists } = await tellApis(local);
  const count = (...names: string[]): number => names.reduce((sum, name) => sum + (lists[name] ?? 0), 0);
  expect(await reviewsBySource(running)).toEqual({
    'steam-api': count('990001', '990002'),
    'app-store-rss': count('900000001', '900000002'),
    'google-business-profile': count('accounts/100001/locations/200001'),
    woocommerce: count('93', '94'),
    // With a, b, c and d of the file that was dropped.
    native: (await shop.add(0)) + 4,
    'shop-database': expect.any(Number),
  });
  const [people] = await ask(
    running,
    `select sum(customer_count) as customers, (select count(*) from ${NAMES.database}.CORE.FCT_SUPPORT_CASES) as cases
     from ${NAMES.database}.PRESENTATION.CUSTOMER_360`,
  );
  expect(Number(people?.CUSTOMERS)).toBe(count('Contact', 'contacts'));
  expect(Number(people?.CASES)).toBe(count('Case', 'tickets'));
});
