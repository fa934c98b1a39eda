import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectorContract, connectors } from '../../lib/contracts/connectors';
import type { LocalObjects } from '../../local/platform/object-stores';
import type { LocalConnectors } from '../../local/platform/platform';
import { objectsOf, runConnector } from '../../local/run/connectors';
import { countRows } from '../../local/run/tables';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { runThrough } from './support/connector-runs';
import { buildMarts, reviewsBySource } from './support/marts';
import { listenForAlerts, type RunningPlatform, startRunning } from './support/running';

const SERVICES = ['azure', 'gcs'] as const;

/** Reviews in the files that each server has at first, `local_shared/review_files.py`. */
const FILES = { '2026-05-01.jsonl': 120, '2026-05-02.jsonl.gz': 80, 'archive/2026-04-30.jsonl': 50 };

/** More files than a run tries one after the other while all are refused, `connector/copying.py`. */
const MANY = 30;
const REVIEWS_OF_EACH = 4;

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

let running: RunningPlatform;
let local: LocalConnectors;
let nextAlert: () => Promise<string>;

beforeAll(async () => {
  running = await startRunning({ sources: SERVICES });
  local = running.platform.connectors as LocalConnectors;
  nextAlert = await listenForAlerts(running.platform);
});
afterAll(() => running?.stop());

describe.each(SERVICES)('files in a container of another cloud (%s)', (service) => {
  const contract = connectors.get(`${service}-reviews`) as ConnectorContract;
  const { connector } = contract;
  let container: LocalObjects;

  beforeAll(() => {
    container = local.sources[service] as LocalObjects;
  });

  const reviews = async (): Promise<number> => (await countRows(running.platform)).reviews ?? 0;
  const copies = async (): Promise<number> => (await objectsOf(running.platform, contract)).length;

  it('arrive once, and every review of them is published', async () => {
    const before = await reviews();
    expect(await runConnector(running.platform, local, connector)).toMatchObject({ received: 3, objects: 3 });
    const results = await Promise.all((await objectsOf(running.platform, contract)).map(running.follow));
    const folder = `native/${connector}/`;
    expect(Object.fromEntries(results.map(({ name, published }) => [name.slice(folder.length), published]))).toEqual(
      FILES,
    );
    expect(await reviews()).toBe(before + sum(FILES));
  });

  it('are left alone by an idle run: nothing is copied, and nothing asked for but the list', async () => {
    const outcome = await runConnector(running.platform, local, connector);
    expect(outcome).toMatchObject({ received: 3, stored: 0, objects: 0, calls: 0 });
    expect(await copies()).toBe(3);
  });

  it('are copied again if they have changed, beside new ones, and no others', async () => {
    await container.write('2026-05-03.jsonl', 40);
    await container.write('2026-05-01.jsonl', 130);
    expect(await runThrough(running, local, connector)).toMatchObject({
      outcome: { received: 4, objects: 2 },
      read: 170,
      published: 170,
    });
    expect(await copies()).toBe(3 + 2);
  });

  it('are refused in the middle of a run: it fails, somebody hears of it, and the next run copies the others once', async () => {
    const [before, copied] = [await reviews(), await copies()];
    for (let number = 1; number <= MANY; number += 1) await container.write(`many/${number}.jsonl`, REVIEWS_OF_EACH);
    // The list, and five files.
    await container.refuse(true, 1 + 5);
    await expect(runConnector(running.platform, local, connector)).rejects.toThrow(/FAILED: ConnectorError/);
    expect(await copies()).toBe(copied + 5);
    const alert = await nextAlert();
    expect(alert).toContain('does not let these credentials read (status 403)');
    expect(alert).toContain('Nothing is lost');
    await container.refuse(false);
    const results = await runThrough(running, local, connector);
    expect(results).toMatchObject({ outcome: { objects: MANY - 5 } });
    expect(await copies()).toBe(copied + MANY);
    for (const { status } of await Promise.all((await objectsOf(running.platform, contract)).map(running.follow))) {
      expect(status).toBe('PUBLISHED');
    }
    expect(await reviews()).toBe(before + MANY * REVIEWS_OF_EACH);
    expect(await runConnector(running.platform, local, connector)).toMatchObject({ objects: 0 });
  });
});

it('what the containers hold is what the ledger knows, and what the marts count', async () => {
  const { text } = await reconcile(await connectLocally(running.platform.endpoint), { grace: 15 });
  expect(text).toContain('All agrees.');
  await buildMarts(running);
  const held = await Promise.all(SERVICES.map(async (service) => sum((await local.sources[service]?.files()) ?? {})));
  expect(await reviewsBySource(running)).toEqual({ native: held.reduce((total, count) => total + count, 0) });
});
