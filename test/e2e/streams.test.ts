import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalKafka } from '../../local/platform/kafka';
import { type Platform, startPlatform } from '../../local/platform/platform';
import { WarehouseSession } from '../../local/platform/warehouse';
import type { DroppedFile } from '../../local/run/drop';
import { followAll } from '../../local/run/follow';
import { objectsWith } from '../../local/run/kafka';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { scratchFolder } from './support/command';

const FIRST = 20;
const DURING = 2400;
const PER_SECOND = '400';

/** Longest time until a review can be queried in RAW after it was produced (seconds), on a machine that does nothing else. */
const SECONDS_TO_RAW = 20;

/** What a busy machine may take of it. */
const PATIENCE = 6;

/** Larger than the largest record that is read. */
const TOO_LARGE = 'x'.repeat(20 * 1024 * 1024);

/** Messages that are no reviews, and one without a value, which deletes one. */
const POISON = [
  { key: 'no-json', value: 'no json' },
  { key: 'a-list', value: '[1]' },
  { key: 'large', value: TOO_LARGE },
  { key: null, value: null },
  { key: 'K00000003', value: null },
];

describe('a topic of Kafka', () => {
  const scratch = scratchFolder();
  let platform: Platform;
  let kafka: LocalKafka;
  let session: WarehouseSession;

  beforeAll(async () => {
    platform = await startPlatform({ state: scratch.path, kafka: true });
    if (!platform.kafka) throw new Error('The platform has no Kafka.');
    kafka = platform.kafka;
    session = await WarehouseSession.open(platform.warehouse.accessUrl, platform.warehouse.dbt);
  });
  afterAll(async () => {
    await session?.close();
    await platform?.stop();
    scratch[Symbol.dispose]();
  });

  async function lines(objects: readonly DroppedFile[]): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for (const { key, versionId } of objects) {
      const object = { Bucket: platform.outputs.RawBucketName, Key: key, VersionId: versionId };
      const { Body } = await platform.aws.s3.send(new GetObjectCommand(object));
      const text = gunzipSync(await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray());
      for (const line of text.toString().split('\n').filter(Boolean)) found.push(JSON.parse(line));
    }
    return found;
  }

  const wanted = (count: number): string[] =>
    Array.from({ length: count }, (_, number) => `K${String(number).padStart(8, '0')}`);

  async function reviewsInRaw(): Promise<number[]> {
    const { rows } = await session.query(
      'select count(*) as N, count(distinct REVIEW_ID) as DIFFERENT from RAW.REVIEWS',
    );
    return [Number(rows[0]?.N), Number(rows[0]?.DIFFERENT)];
  }

  it('is in Snowflake soon after a message was produced, without dbt', async () => {
    // The job, which the platform has started, reads from now on.
    await kafka.feed(1);
    await objectsWith(platform, kafka, 1);
    await kafka.feed(FIRST - 1, 1);
    const produced = performance.now();
    const seconds = () => (performance.now() - produced) / 1000;
    let [rows] = [0];
    while (rows < FIRST && seconds() < SECONDS_TO_RAW * PATIENCE) [rows = 0] = await reviewsInRaw();
    console.log(`From produce to RAW: ${seconds().toFixed(1)} s`);
    expect(rows).toBe(FIRST);
  });

  it('loses and doubles nothing when job and broker are killed under load, and keeps what it cannot store', async () => {
    const poison = join(scratch.path, 'poison.jsonl');
    writeFileSync(poison, POISON.map((message) => `${JSON.stringify(message)}\n`).join(''));
    const feeding = Promise.all([kafka.feed(DURING, FIRST, '--rate', PER_SECOND), kafka.feed(0, 0, '--file', poison)]);
    await objectsWith(platform, kafka, FIRST + 400);
    process.kill(-kafka.jobProcessGroup, 'SIGKILL');
    process.kill(kafka.brokerProcess, 'SIGKILL');
    await kafka.jobEnded();
    await kafka.startJob();
    await feeding;

    const objects = await objectsWith(platform, kafka, FIRST + DURING + POISON.length);
    const stored = await lines(objects);
    expect(stored.flatMap(({ review_id }) => review_id ?? []).sort()).toEqual(wanted(FIRST + DURING));
    expect(stored.filter(({ review_id }) => review_id === undefined)).toEqual([
      { deleted_review: { review_id: 'K00000003' }, deleted_at: expect.any(Number) },
    ]);
    // A second version of a name would be the same slice, stored twice.
    expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);

    // A batch that is repeated after a kill may send its dead letters again.
    const letters = new Map((await kafka.deadLetters()).map((letter) => [placeOf(letter.headers), letter]));
    const reasons = [...letters.values()].map(({ headers }) => headers.reason).sort();
    expect(reasons).toEqual(['DELETED', 'MALFORMED_JSON', 'NOT_AN_OBJECT', 'TOO_LARGE']);
    const large = [...letters.values()].find(({ headers }) => headers.reason === 'TOO_LARGE');
    expect(large).toMatchObject({ bytes: 0, headers: { 'value-at': expect.stringContaining('/dead-letters/live/') } });

    const results = await followAll(platform, objects);
    expect(results.reduce((sum, { recordsRead }) => sum + recordsRead, 0)).toBe(stored.length);
    await expect.poll(reviewsInRaw, { timeout: 60_000 }).toEqual([FIRST + DURING, FIRST + DURING]);
    expect((await reconcile(await connectLocally(platform.endpoint), { grace: 0 })).text).not.toContain('MISCOUNTED');
  });
});

const placeOf = ({ partition, offset }: Readonly<Record<string, string>>): string => `${partition} ${offset}`;
