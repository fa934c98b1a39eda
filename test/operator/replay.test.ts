import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { replay } from '../../operator/commands/replay';
import { divided } from '../../operator/start-executions';
import { FakeDeployment } from '../support/fake-deployment';
import type { Received } from '../support/pipeline';

const since = new Date(0);
let fake: FakeDeployment;
let mixed: Received;
let odd: Received;

const statuses = () => fake.pipeline.dynamoDb.statuses();

beforeEach(async () => {
  fake = new FakeDeployment();
  fake.figures.set('mixed.jsonl', { published: 1, rejected: { TIMESTAMP_INVALID: 2 } });
  fake.figures.set('empty-handed.jsonl', { published: 0, rejected: { MISSING_ID: 1 } });
  mixed = fake.receive('mixed.jsonl');
  odd = fake.receive('odd.jsonl', '{"unheard": 1}\n');
  await fake.execute({ events: [mixed.event, fake.receive('beside.jsonl').event, odd.event] });
  await fake.execute({ events: [fake.receive('empty-handed.jsonl').event] });
  fake.inputs.length = 0;
});

describe('replay', () => {
  it('--rejected after a contract was corrected publishes exactly the records that are good now', async () => {
    fake.figures.set('mixed.jsonl', { published: 3 });
    const text = await replay(fake.deployment, [], { rejected: true, reason: 'TIMESTAMP_INVALID', since });
    expect(text).toContain('2 files are processed again');
    expect(text).toContain('replaced as a whole');
    expect(fake.pipeline.dynamoDb.row(mixed.key, mixed.versionId)).toMatchObject({
      status: 'PUBLISHED',
      records_published: 3,
      records_rejected: 0,
    });
    // One batch each: mixed with its companion, and the other file, which was not asked for.
    expect(fake.batchesIn('reviews')).toHaveLength(1);
    expect(fake.batchesIn('rejected_records')).toHaveLength(1);
    expect(statuses()).toMatchObject({ 'empty-handed.jsonl': 'REJECTED NO_PUBLISHABLE_RECORD' });
  });

  it('--quarantined takes the files that ended at registration, by their reason', async () => {
    expect(await replay(fake.deployment, [], { quarantined: true, reason: 'NOT_TEXT', since })).toBe(
      'No file is QUARANTINED for NOT_TEXT: there is nothing to process again.',
    );
    await replay(fake.deployment, [], { quarantined: true, reason: 'UNKNOWN_SOURCE', since });
    expect(fake.inputs).toMatchObject([{ again: true, triggeredBy: 'replay', events: [expect.anything()] }]);
    expect(fake.pipeline.dynamoDb.row(odd.key, odd.versionId)).toMatchObject({ attempt: 2 });
  });

  it('takes a file by its key, with the batch that it is published in', async () => {
    expect(await replay(fake.deployment, [mixed.key], { since, dryRun: true })).toContain(
      '2 files would be processed again',
    );
    expect(fake.inputs).toEqual([]);
    await replay(fake.deployment, [mixed.key], { since });
    expect(fake.batchesIn()).toHaveLength(1);
    expect(fake.inputs).toMatchObject([{ replace: { batchId: expect.any(String) } }]);
  });

  it('leaves what is published as it was where a file of the batch can no longer be read', async () => {
    const before = fake.batchesIn();
    fake.pipeline.s3.versions.clear();
    await replay(fake.deployment, [mixed.key], { since });
    expect(fake.batchesIn()).toEqual(before);
    expect(statuses()).toMatchObject({ 'mixed.jsonl': 'PUBLISHED', 'beside.jsonl': 'PUBLISHED' });
  });

  it('says in JSON what was started', async () => {
    const answer = JSON.parse(await replay(fake.deployment, [mixed.key], { since, json: true }));
    expect(answer).toMatchObject({ files: 2, batches: [expect.any(String)], executions: [expect.any(String)] });
    expect(JSON.parse(await replay(fake.deployment, [], { failed: true, since, json: true }))).toMatchObject({
      files: 0,
    });
  });

  it.each([{}, { failed: true, rejected: true } as const])('wants one choice of files, not %j', async (options) => {
    await expect(replay(fake.deployment, [], { since, ...options })).rejects.toThrow('Say which files');
  });
});

it('divides files into lists that an execution takes, each file in one', () => {
  const version = fc.record({
    bucket: fc.constant('raw'),
    key: fc.string({ maxLength: 1024 }),
    versionId: fc.uuid(),
    sizeBytes: fc.nat(),
    etag: fc.string({ maxLength: 32 }),
    arrivedAt: fc.constant('2026-11-21T08:59:58.000Z'),
  });
  fc.assert(
    fc.property(fc.array(version, { maxLength: 600 }), fc.integer({ min: 1, max: 1000 }), (versions, files) => {
      const lists = divided(versions, files);
      expect(lists.flat()).toEqual(versions);
      for (const list of lists) expect(list.length).toBeLessThanOrEqual(files);
      for (const list of lists) expect(Buffer.byteLength(JSON.stringify(list))).toBeLessThan(256 * 1024);
    }),
    { numRuns: 20 },
  );
});
