import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectorContract, connectors } from '../../lib/contracts/connectors';
import type { LocalConnectors } from '../../local/platform/platform';
import { objectsOf, runConnector } from '../../local/run/connectors';
import { countRows } from '../../local/run/tables';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { type RunningPlatform, startRunning } from './support/running';

const SERVICES = ['azure', 'gcs'] as const;

/** Reviews in the files of each server, `local_shared/review_files.py`. */
const FILES = { '2026-05-01.jsonl': 120, '2026-05-02.jsonl.gz': 80, 'archive/2026-04-30.jsonl': 50 };
const REVIEWS = Object.values(FILES).reduce((sum, count) => sum + count, 0);

describe('files in a container of another cloud', () => {
  let running: RunningPlatform;
  let local: LocalConnectors;

  beforeAll(async () => {
    running = await startRunning({ sources: SERVICES });
    local = running.platform.connectors as LocalConnectors;
  });
  afterAll(() => running?.stop());

  it.each(SERVICES)('of %s arrive once, and every review of them is published', async (service) => {
    const contract = connectors.get(`${service}-reviews`) as ConnectorContract;
    const before = (await countRows(running.platform)).reviews ?? 0;
    expect(await runConnector(running.platform, local, contract.connector)).toMatchObject({ received: 3, objects: 3 });
    const results = await Promise.all((await objectsOf(running.platform, contract)).map(running.follow));
    const folder = `native/${contract.connector}/`;
    expect(Object.fromEntries(results.map(({ name, published }) => [name.slice(folder.length), published]))).toEqual(
      FILES,
    );
    expect((await countRows(running.platform)).reviews).toBe(before + REVIEWS);
  });

  it.each(SERVICES)(
    'of %s are left alone by an idle run: nothing is copied, and nothing asked for but the list',
    async (service) => {
      const outcome = await runConnector(running.platform, local, `${service}-reviews`);
      expect(outcome).toMatchObject({ received: 3, stored: 0, objects: 0, calls: 0 });
      const contract = connectors.get(`${service}-reviews`) as ConnectorContract;
      expect(await objectsOf(running.platform, contract)).toHaveLength(3);
    },
  );

  it('are as many as the ledger knows: reconcile finds no difference', async () => {
    const { text } = await reconcile(await connectLocally(running.platform.endpoint), { grace: 15 });
    expect(text).toContain('All agrees.');
  });
});
