/** Connectors whose servers `npm test` does not install: from the source to a mart. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalConnectors } from '../../local/platform/platform';
import type { QueriedDatabase } from '../../local/platform/queried-database';
import { runConnector } from '../../local/run/connectors';
import { countRows } from '../../local/run/tables';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { type ConnectorRun, runThrough } from './support/connector-runs';
import { buildMarts, reviewsBySource } from './support/marts';
import { listenForAlerts, type RunningPlatform, startRunning } from './support/running';

/** Each connector, and what it says while its user is refused. FerretDB knows no rights: there the user's password is another one. */
const DATABASES = [
  ['shop-mysql', 'does not let the user read'],
  ['shop-cassandra', 'does not let the user read'],
  ['shop-mongodb', 'refuses the credentials'],
] as const;

let running: RunningPlatform;
let local: LocalConnectors;
let nextAlert: () => Promise<string>;

beforeAll(async () => {
  running = await startRunning({ sources: ['mysql', 'mongodb', 'cassandra'] });
  local = running.platform.connectors as LocalConnectors;
  nextAlert = await listenForAlerts(running.platform);
});
afterAll(() => running?.stop());

const reviews = async (): Promise<number> => (await countRows(running.platform)).reviews ?? 0;

describe.each(DATABASES)('reviews that %s fetches', (connector, refusal) => {
  let database: QueriedDatabase;
  const run = (): Promise<ConnectorRun> => runThrough(running, local, connector);

  beforeAll(() => {
    database = local.sources.databases.get(connector) as QueriedDatabase;
  });

  it('arrive whole at the first run', async () => {
    const before = await reviews();
    const atSource = await database.add(50);
    expect(await run()).toMatchObject({ outcome: { stored: atSource }, read: atSource, published: atSource });
    expect(await reviews()).toBe(before + atSource);
  });

  it('are stored once: an idle run stores nothing', async () => {
    expect(await run()).toMatchObject({ outcome: { stored: 0, objects: 0 }, read: 0 });
  });

  it('are new ones only at the next run', async () => {
    await database.add(7);
    expect(await run()).toMatchObject({ outcome: { stored: 7, objects: 1 }, read: 7, published: 7 });
  });

  it('are neither lost nor doubled while the source refuses: somebody hears of it, and a later run goes on', async () => {
    const before = await reviews();
    await database.add(30);
    await database.refuse(true);
    await expect(runConnector(running.platform, local, connector)).rejects.toThrow(/FAILED: ConnectorError/);
    expect(await nextAlert()).toContain(`Connector ${connector}: the database ${refusal}`);
    await database.refuse(false);
    expect(await run()).toMatchObject({ read: 30, published: 30 });
    expect(await run()).toMatchObject({ outcome: { stored: 0 } });
    expect(await reviews()).toBe(before + 30);
  });
});

it('what the sources hold is what the ledger knows, and what the marts count', async () => {
  const { text } = await reconcile(await connectLocally(running.platform.endpoint), { grace: 15 });
  expect(text).toContain('All agrees.');
  await buildMarts(running);
  const atSource = await Promise.all([...local.sources.databases.values()].map((database) => database.add(0)));
  expect(await reviewsBySource(running)).toEqual({ native: atSource.reduce((sum, count) => sum + count, 0) });
});
