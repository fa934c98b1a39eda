/**
 * Measures a stream on the one-machine edition, with a real broker: how soon a message is a row in RAW and in a mart, and how many
 * messages a second reach the raw bucket.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LOCAL } from '../../local/paths';
import { clientOptions } from '../../local/platform/aws-clients';
import type { LocalKafka } from '../../local/platform/kafka';
import { type Platform, startPlatform } from '../../local/platform/platform';
import { WarehouseSession } from '../../local/platform/warehouse';
import { objectsWith } from '../../local/run/kafka';
import { atEnd } from '../../local/run/shutdown';
import { describeFigures, type Figure, writeFigures } from './figures';
import { MemoryWatch } from './memory';

/** Seconds, on a quiet machine with two cores; the last is that of 20,000 messages a second. */
const AIMS = { raw: 20, mart: 60, load: 20 } as const;

const FIRST = 300;
const LATER = 20;
const LOAD = 400_000;

const POLL_MS = 250;
const PATIENCE_MS = 600_000;

export interface KafkaBenchOptions {
  /** File for the figures, as JSON. */
  readonly report?: string;
}

/** Waits until a query that counts finds so many, a table that is not there yet being empty; returns the seconds since a moment. */
async function secondsUntil(session: WarehouseSession, count: string, wanted: number, since: number): Promise<number> {
  for (;;) {
    const { rows } = await session.query(count).catch(() => ({ rows: [] }));
    const milliseconds = performance.now() - since;
    if (Number(rows[0]?.N) >= wanted) return milliseconds / 1000;
    if (milliseconds > PATIENCE_MS) throw new Error(`After ${PATIENCE_MS / 1000} s there are not ${wanted}: ${count}`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

const IN_RAW = 'select count(*) as N from RAW.REVIEWS';
const IN_MART = 'select sum(review_count) as N from PRESENTATION.PRODUCT_SUMMARY';

/** From the broker's answer to a row in RAW, and in a mart that Airflow builds because the reviews were published. */
async function latency({ warehouse }: Platform, kafka: LocalKafka): Promise<Figure[]> {
  const session = await WarehouseSession.open(warehouse.accessUrl, warehouse.dbt);
  console.log(`Producing ${FIRST} messages, of which every model is built for the first time …`);
  await kafka.feed(FIRST);
  await secondsUntil(session, IN_MART, FIRST, performance.now());
  console.log(`Producing ${LATER} more …`);
  await kafka.feed(LATER, FIRST);
  const produced = performance.now();
  const raw = await secondsUntil(session, IN_RAW, FIRST + LATER, produced);
  const mart = await secondsUntil(session, IN_MART, FIRST + LATER, produced);
  await session.close();
  return [
    { what: 'produced to a row in RAW, without dbt', value: raw, unit: 's', aim: AIMS.raw },
    { what: 'produced to counted in a mart', value: mart, unit: 's', aim: AIMS.mart },
  ];
}

/** Whether the intake takes files of the raw bucket from now on. What comes while it does not is not taken later, either. */
async function switchIntake({ aws, endpoint }: Platform, on: boolean): Promise<void> {
  const { StackResourceSummaries = [] } = await aws.cloudFormation.send(
    new ListStackResourcesCommand({ StackName: 'reviews-local-intake' }),
  );
  const events = new EventBridgeClient(clientOptions(endpoint));
  for (const { ResourceType, PhysicalResourceId: Name } of StackResourceSummaries) {
    if (ResourceType !== 'AWS::Events::Rule') continue;
    await events.send(on ? new EnableRuleCommand({ Name }) : new DisableRuleCommand({ Name }));
  }
}

/** As many messages as fit into twenty seconds at the aimed speed, numbered from `first` on, until the raw bucket has them. */
async function load(platform: Platform, kafka: LocalKafka, first: number, aim?: number): Promise<Figure[]> {
  console.log(`Producing ${LOAD} messages …`);
  const held = objectsWith(platform, kafka, first + LOAD).then(() => performance.now());
  const seconds = await kafka.feed(LOAD, first);
  const began = performance.now() - seconds * 1000;
  const value = ((await held) - began) / 1000;
  return [
    { what: `${LOAD} messages produced to stored in the raw bucket`, value, unit: 's', ...(aim && { aim }) },
    { what: 'of that, until the broker had them', value: seconds, unit: 's' },
  ];
}

/**
 * The stream by itself, and beside the intake's work on what it has stored. In an account each has machines of its own; here both, the
 * broker and who produces share the processors of one.
 */
async function loads(platform: Platform, kafka: LocalKafka): Promise<Figure[]> {
  const memory = new MemoryWatch(kafka.jobProcessGroup);
  await switchIntake(platform, false);
  const alone = await load(platform, kafka, FIRST + LATER, AIMS.load);
  await switchIntake(platform, true);
  const beside = await load(platform, kafka, FIRST + LATER + LOAD);
  return [
    ...alone,
    ...beside.map(({ what, ...figure }) => ({ what: `with the intake at work: ${what}`, ...figure })),
    { what: "the streaming job's processes at the peak", value: await memory.peak(), unit: 'MiB' },
  ];
}

/** Runs the measurements and prints them. */
export async function kafkaBench({ report }: KafkaBenchOptions): Promise<void> {
  const folder = join(LOCAL, 'bench', 'kafka');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const platform = await startPlatform({
    state: folder,
    airflow: true,
    kafka: true,
    onStep: (step) => console.log(`${step} …`),
    onProcess: (server) => atEnd(() => server.stop()),
  });
  const { airflow, kafka } = platform;
  if (!airflow || !kafka) throw new Error('The platform was started without Airflow or Kafka.');
  await airflow.ready();
  const figures = await latency(platform, kafka);
  // What it builds is behind the raw bucket, and would be built on another machine.
  await airflow.stop();
  figures.push(...(await loads(platform, kafka)));
  console.log(`\n${describeFigures(figures)}`);
  if (report) writeFigures(report, figures);
}
