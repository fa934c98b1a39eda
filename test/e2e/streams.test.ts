import { gunzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LocalKafka } from '../../local/platform/kafka';
import { type Platform, startPlatform } from '../../local/platform/platform';
import { WarehouseSession } from '../../local/platform/warehouse';
import type { DroppedFile } from '../../local/run/drop';
import { objectsWith } from '../../local/run/kafka';
import { scratchFolder } from './support/command';

const BEFORE = 2000;
const DURING = 4000;

/** Longest time until a review can be queried in RAW after it was produced (seconds), on a machine that does nothing else. */
const SECONDS_TO_RAW = 20;

/** What a busy machine may take of it. */
const PATIENCE = 6;

describe('a topic of Kafka', () => {
  const scratch = scratchFolder();
  let platform: Platform;
  let kafka: LocalKafka;

  beforeAll(async () => {
    platform = await startPlatform({ state: scratch.path, kafka: true });
    if (!platform.kafka) throw new Error('The platform has no Kafka.');
    kafka = platform.kafka;
  });
  afterAll(async () => {
    await platform?.stop();
    scratch[Symbol.dispose]();
  });

  async function reviewIds(objects: readonly DroppedFile[]): Promise<string[]> {
    const ids: string[] = [];
    for (const { key, versionId } of objects) {
      const object = { Bucket: platform.outputs.RawBucketName, Key: key, VersionId: versionId };
      const { Body } = await platform.aws.s3.send(new GetObjectCommand(object));
      const lines = gunzipSync(await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray());
      for (const line of lines.toString().split('\n').filter(Boolean)) {
        ids.push((JSON.parse(line) as { review_id: string }).review_id);
      }
    }
    return ids;
  }

  const wanted = (count: number): string[] =>
    Array.from({ length: count }, (_, number) => `K${String(number).padStart(8, '0')}`);

  it('is in Snowflake soon after a message was produced, without dbt', async () => {
    // The job, which the platform has started, reads from now on.
    await kafka.feed(1, 800_000);
    await objectsWith(platform, kafka, 1);
    await kafka.feed(20, 900_000);
    const produced = performance.now();
    const session = await WarehouseSession.open(platform.warehouse.accessUrl, platform.warehouse.dbt);
    const seconds = () => (performance.now() - produced) / 1000;
    let rows = 0;
    while (rows < 20 && seconds() < SECONDS_TO_RAW * PATIENCE) {
      const { rows: counted } = await session.query(
        "select count(*) as N from RAW.REVIEWS where REVIEW_ID like 'K009%'",
      );
      rows = Number(counted[0]?.N);
    }
    await session.close();
    console.log(`From produce to RAW: ${seconds().toFixed(1)} s`);
    expect(rows).toBe(20);
  });

  it('loses and doubles nothing when job and broker are killed under load', async () => {
    await kafka.feed(BEFORE);
    await objectsWith(platform, kafka, 21 + BEFORE);
    const feeding = kafka.feed(DURING, BEFORE, '--rate', '400');
    await objectsWith(platform, kafka, 21 + BEFORE + 400);
    process.kill(-kafka.jobProcessGroup, 'SIGKILL');
    process.kill(kafka.brokerProcess, 'SIGKILL');
    await kafka.jobEnded();
    await kafka.startJob();
    await feeding;

    const objects = await objectsWith(platform, kafka, 21 + BEFORE + DURING);
    const ids = (await reviewIds(objects)).filter((id) => id < 'K008');
    expect(ids.sort()).toEqual(wanted(BEFORE + DURING));
    // A second version of a name would be the same slice, stored twice.
    expect(new Set(objects.map(({ key }) => key)).size).toBe(objects.length);
  });
});
