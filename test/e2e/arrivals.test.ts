import { join } from 'node:path';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOptions } from '../../local/platform/aws-clients';
import type { LocalChangeCapture, LocalConnectors } from '../../local/platform/platform';
import type { QueriedDatabase } from '../../local/platform/queried-database';
import type { ShopRows } from '../../local/platform/shop-database';
import { NAMES } from '../../local/platform/snowflake-account';
import { WarehouseSession } from '../../local/platform/warehouse';
import { capturedObjects, startCapture } from '../../local/run/change-capture';
import { localConnectors, runConnector } from '../../local/run/connectors';
import { dbtBuild } from '../../local/run/dbt';
import type { FileResult } from '../../local/run/file-result';
import { whenExternalTablesAreRefreshed } from '../../local/run/presentation-tables';
import { countRows, exportTables } from '../../local/run/tables';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { type ConnectorRun, runThrough } from './support/connector-runs';
import { rowsOf } from './support/parquet';
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
const APP = '990001';

let running: RunningPlatform;

beforeAll(async () => {
  running = await startRunning({ sources: ['rest', 'postgres'], changeCapture: true });
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

describe('reviews that a connector fetches', () => {
  let local: LocalConnectors;
  let shop: QueriedDatabase;
  let nextAlert: () => Promise<string>;

  beforeAll(async () => {
    local = running.platform.connectors as LocalConnectors;
    shop = local.sources.databases.get(SHOP) as QueriedDatabase;
    nextAlert = await listenForAlerts(running.platform);
  });

  /** Tells the APIs what to do next; the number of reviews in each of their lists. */
  async function tell(form: Record<string, string> = {}): Promise<Record<string, number>> {
    const answer = await fetch(`${local.sources.apis?.endpoint}/_control`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return (await answer.json()) as Record<string, number>;
  }

  const run = (name: string): Promise<ConnectorRun> => runThrough(running, local, name);

  const rowCounts = (): Promise<Record<string, number>> => countRows(running.platform);
  const reviews = async (): Promise<number> => (await rowCounts()).reviews ?? 0;

  it('arrive whole at the first run, though a login and several pages are between', async () => {
    const before = await rowCounts();
    const counts = await tell();
    const inShop = await shop.add(50);
    const runs = await Promise.all(localConnectors(local.sources).map(({ connector }) => run(connector)));
    const atSource = Object.values(counts).reduce((sum, count) => sum + count, inShop);
    for (const figure of ['read', 'published'] as const) {
      expect(runs.reduce((sum, made) => sum + made[figure], 0)).toBe(atSource);
    }
    expect(runs.reduce((sum, { outcome }) => sum + outcome.stored, 0)).toBe(atSource);
    const after = await rowCounts();
    const grown = (table: string): number => (after[table] ?? 0) - (before[table] ?? 0);
    const { Contact = 0, contacts = 0, Case } = counts;
    expect(grown('customers')).toBe(Contact + contacts);
    expect(grown('support_cases')).toBe(Case);
    expect(grown('reviews')).toBe(atSource - grown('customers') - grown('support_cases'));
  });

  it.each([STEAM, 'app-store', SHOP])('are stored once: an idle run of %s stores nothing', async (connector) => {
    expect(await run(connector)).toMatchObject({ outcome: { stored: 0, objects: 0 }, read: 0 });
  });

  it.each<[string, () => Promise<unknown>]>([
    [STEAM, () => tell({ list: APP, add: '7' })],
    ['app-store', () => tell({ list: '900000001', add: '7' })],
    [SHOP, () => shop.add(7)],
  ])('are new ones only at the next run of %s', async (connector, addSeven) => {
    await addSeven();
    expect(await run(connector)).toMatchObject({ outcome: { stored: 7, objects: 1 }, read: 7, published: 7 });
  });

  it('are neither lost nor doubled by a run that fails in the middle: somebody hears of it, and the next run goes on', async () => {
    const before = await reviews();
    await tell({ list: APP, add: '150' });
    await tell({ after: '1', status: '403' });
    await expect(runConnector(running.platform, local, STEAM)).rejects.toThrow(/FAILED: ConnectorError/);
    const alert = await nextAlert();
    expect(alert).toContain('Connector steam-reviews: store.steampowered.com refuses the call (status 403)');
    expect(alert).toContain('Nothing is lost');
    expect(await run(STEAM)).toMatchObject({ read: 150, published: 150 });
    expect(await run(STEAM)).toMatchObject({ outcome: { stored: 0 } });
    expect(await reviews()).toBe(before + 150);
  });

  it('are neither lost nor doubled while a database refuses to be read', async () => {
    await shop.add(20);
    await shop.refuse(true);
    await expect(runConnector(running.platform, local, SHOP)).rejects.toThrow(/FAILED: ConnectorError/);
    expect(await nextAlert()).toContain(`Connector ${SHOP}: the database does not let the user read`);
    await shop.refuse(false);
    expect(await run(SHOP)).toMatchObject({ outcome: { stored: 20 }, read: 20, published: 20 });
  });

  it('are as many as the ledger knows, for every list: reconcile finds no difference', async () => {
    const { text } = await reconcile(await connectLocally(running.platform.endpoint), { grace: 15 });
    expect(text).toMatch(/Compared: .*, \d+ lists of connectors/);
    expect(text).toContain('All agrees.');
  });
});

describe('changes of a real PostgreSQL', () => {
  let local: LocalChangeCapture;
  let session: WarehouseSession;
  const taken = new Set<string>();

  beforeAll(async () => {
    const { changeCapture, warehouse } = running.platform;
    local = changeCapture as LocalChangeCapture;
    session = await WarehouseSession.open(warehouse.accessUrl, warehouse.dbt);
  });
  afterAll(() => session?.close());

  /** Takes what is new in the raw bucket through the pipeline: the number of its records, of which every one is published. */
  async function take(): Promise<number> {
    const objects = (await capturedObjects(running.platform, local)).filter(({ key }) => !taken.has(key));
    for (const { key } of objects) taken.add(key);
    const results = await Promise.all(objects.map(running.follow));
    for (const { status, rejected } of results)
      expect({ status, rejected }).toEqual({ status: 'PUBLISHED', rejected: {} });
    return results.reduce((sum, { recordsRead }) => sum + recordsRead, 0);
  }

  /** Builds the presentation tables; reviews and the sum of their ratings by product. */
  async function built(...options: string[]): Promise<unknown[]> {
    await whenExternalTablesAreRefreshed(running.platform);
    const selection = ['--select', '+product_summary', '--exclude-resource-type', 'test', ...options];
    const folder = join(running.folder, 'dbt');
    const { output, ...build } = await dbtBuild(running.platform, folder, undefined, selection);
    expect(build, output).toMatchObject({ failed: 0 });
    const { rows } = await session.query(
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
    const rows = await local.shop.rows;
    await startCapture(running.platform, local);
    expect(await take()).toBe(rows.length);
    expect(await built()).toEqual(counted(rows));
  });

  it('reach the presentation tables: new rows, the last of three updates, deletions; and a full refresh says the same', async () => {
    const before = await local.shop.rows;
    const rows = await local.shop.change();
    expect(rows.length).toBe(before.length + 10);
    // 20 new ones, three updates of ten, ten deletions, two that are deleted and written again.
    expect(await take()).toBe(20 + 30 + 10 + 4);
    expect(await built()).toEqual(counted(rows));
    expect(await built('--full-refresh')).toEqual(counted(rows));
  });
});
