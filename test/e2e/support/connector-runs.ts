import { expect } from 'vitest';
import { connectors } from '../../../lib/contracts/connectors';
import type { LocalConnectors } from '../../../local/platform/platform';
import { type ConnectorOutcome, objectsOf, runConnector } from '../../../local/run/connectors';
import { connectLocally } from '../../../operator/deployment';
import { fetchedLists } from '../../../operator/reconcile/fetched';
import type { RunningPlatform } from './running';

/** A run of a connector, and the records of the files that it stored. */
export interface ConnectorRun {
  readonly outcome: ConnectorOutcome;
  readonly read: number;
  readonly published: number;
}

/** Runs a connector, and takes what it stored through the pipeline, where each file must be published. */
export async function runThrough(
  { platform, follow }: RunningPlatform,
  local: LocalConnectors,
  name: string,
): Promise<ConnectorRun> {
  const contract = connectors.get(name);
  if (!contract) throw new Error(`contracts/connectors has no ${name}.json.`);
  const before = new Set((await objectsOf(platform, contract)).map(({ versionId }) => versionId));
  const outcome = await runConnector(platform, local, name);
  const stored = await objectsOf(platform, contract);
  const results = await Promise.all(stored.filter(({ versionId }) => !before.has(versionId)).map(follow));
  for (const { status } of results) expect(status).toBe('PUBLISHED');
  return {
    outcome,
    read: results.reduce((sum, { recordsRead }) => sum + recordsRead, 0),
    published: results.reduce((sum, { published }) => sum + published, 0),
  };
}

/** Records that a connector has fetched so far, as the ledger knows them. */
export async function fetchedBy({ platform }: RunningPlatform, name: string): Promise<number> {
  const lists = await fetchedLists(await connectLocally(platform.endpoint));
  return lists.reduce((sum, { connector, records }) => (connector === name ? sum + records : sum), 0);
}
