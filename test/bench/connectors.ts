/** Measures a connector on the one-machine edition: rows of a real PostgreSQL until they are published. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectorContract, connectors } from '../../lib/contracts/connectors';
import { LOCAL } from '../../local/paths';
import { type LocalConnectors, type Platform, startPlatform } from '../../local/platform/platform';
import { objectsOf, runConnector } from '../../local/run/connectors';
import { followAll } from '../../local/run/follow';
import { atEnd } from '../../local/run/shutdown';
import { describeFigures, type Figure, writeFigures } from './figures';

/** Seconds, on a quiet machine with two cores. */
const AIMS = { published: 30 } as const;

const ROWS = 100_000;
const LATER = 1_000;

export interface ConnectorsBenchOptions {
  /** File for the figures, as JSON. */
  readonly report?: string;
}

/** One run of the connector, with all that it has stored taken through the pipeline; every row must be published. */
async function load(
  platform: Platform,
  local: LocalConnectors,
  contract: ConnectorContract,
  wanted: number,
): Promise<{ fetched: number; published: number }> {
  const before = new Set((await objectsOf(platform, contract)).map(({ key }) => key));
  const began = performance.now();
  const { stored } = await runConnector(platform, local, contract.connector);
  const fetched = (performance.now() - began) / 1000;
  if (stored !== wanted) throw new Error(`The connector stored ${stored} rows, not ${wanted}.`);
  const results = await followAll(
    platform,
    (await objectsOf(platform, contract)).filter(({ key }) => !before.has(key)),
  );
  const published = results.reduce((sum, result) => sum + result.published, 0);
  if (published !== wanted) throw new Error(`${published} rows were published, not ${wanted}.`);
  return { fetched, published: (performance.now() - began) / 1000 };
}

/** Runs the measurements and prints them. */
export async function connectorsBench({ report }: ConnectorsBenchOptions): Promise<void> {
  const folder = join(LOCAL, 'bench', 'connectors');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const platform = await startPlatform({
    state: folder,
    sources: ['postgres'],
    onStep: (step) => console.log(`${step} …`),
    onProcess: (server) => atEnd(() => server.stop()),
  });
  const local = platform.connectors;
  const shop = local?.sources.databases.get('shop-database');
  const contract = connectors.get('shop-database');
  if (!local || !shop || !contract) throw new Error('The platform was started without the database of a shop.');

  console.log(`Adding rows until there are ${ROWS.toLocaleString('en-GB')} …`);
  const there = await shop.add(0);
  await shop.add(ROWS - there);
  console.log('Fetching them …');
  const first = await load(platform, local, contract, ROWS);
  await shop.add(LATER);
  console.log(`Fetching ${LATER.toLocaleString('en-GB')} more …`);
  const later = await load(platform, local, contract, LATER);
  console.log('Looking once more, with nothing new …');
  const idle = await load(platform, local, contract, 0);

  const rows = ROWS.toLocaleString('en-GB');
  const figures: readonly Figure[] = [
    { what: `${rows} rows of PostgreSQL to published`, value: first.published, unit: 's', aim: AIMS.published },
    { what: 'of that, the connector itself', value: first.fetched, unit: 's' },
    { what: `${LATER.toLocaleString('en-GB')} rows more to published`, value: later.published, unit: 's' },
    { what: 'a run that finds nothing new', value: idle.fetched, unit: 's' },
  ];
  console.log(`\n${describeFigures(figures)}`);
  if (report) writeFigures(report, figures);
}
