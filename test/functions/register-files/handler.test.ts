import { CopyObjectCommand, GetObjectCommand, HeadObjectCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeEach, describe, expect, it } from 'vitest';
import { batchOf, fileId } from '../../../lib/functions/ledger/identity';
import { manifestSchema } from '../../../lib/functions/ledger/manifest';
import { handler } from '../../../lib/functions/register-files/handler';
import { s3Error } from '../../support/fake-s3';
import { context, execution, FakePipeline } from '../../support/pipeline';

const REVIEW = '{"reviewerID": "a", "asin": "b", "overall": 5.0, "unixReviewTime": 1}\n';
const BATCH = batchOf(execution());
const EVENTS_KEY = `tables/file_events/ingest_date=2026-11-21/batch_id=${BATCH.id}/part-registered.parquet`;

let pipeline: FakePipeline;

beforeEach(() => {
  pipeline = new FakePipeline();
});

function register(input: unknown, name?: string) {
  return handler({ execution: execution(name), input }, context);
}

function manifest() {
  return manifestSchema.parse(JSON.parse(pipeline.s3.text(`work/batch=${BATCH.id}/manifest.json`)));
}

async function fileEvents() {
  const bytes = pipeline.s3.objects.get(`processed/${EVENTS_KEY}`) ?? new Uint8Array();
  return parquetReadObjects({ file: bytes.slice().buffer, compressors });
}

describe('the input', () => {
  it.each<[string, (event: object) => unknown]>([
    ['one event', (event) => event],
    ['events in an object', (event) => ({ events: [event] })],
    ['a list of events', (event) => [event]],
  ])('may be %s', async (_, inputOf) => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    expect(await register(inputOf(event))).toMatchObject({ fileCount: 1 });
  });

  it('counts an object version once, however often it is announced', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    const output = await register([event, event, event]);
    expect(output).toMatchObject({ fileCount: 1, statuses: { PROCESSING: 1 }, alreadyRegistered: 0 });
  });

  it.each<[string, (event: { detail: { object: Record<string, unknown> } }) => unknown, string]>([
    ['has no version', (event) => delete event.detail.object['version-id'], 'detail.object.version-id is nothing'],
    [
      'has a size in words',
      (event) => Object.assign(event.detail.object, { size: 'big' }),
      'detail.object.size is "big"',
    ],
    [
      'has half a character in its key',
      (event) => Object.assign(event.detail.object, { key: 'a\ud800' }),
      'valid Unicode',
    ],
    [
      'is of another bucket',
      (event) => Object.assign(event.detail, { bucket: { name: 'other' } }),
      'bucket other, and the pipeline takes files from raw only',
    ],
  ])('stops the execution when an event %s, and says where', async (_, spoil, message) => {
    const { event } = structuredClone({ event: pipeline.receive('a.jsonl', REVIEW).event });
    spoil(event as { detail: { object: Record<string, unknown> } });
    await expect(register(event)).rejects.toMatchObject({
      name: 'InvalidInputError',
      message: expect.stringContaining(message),
    });
    expect(pipeline.dynamoDb.rows.size).toBe(0);
  });

  it('names the event of a list that is malformed', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    await expect(register({ events: [event, { source: 'aws.ec2' }] })).rejects.toThrow(
      /events\[1\].source is "aws.ec2"/,
    );
  });

  it('may be empty', async () => {
    expect(await register([])).toMatchObject({ fileCount: 0, statuses: {}, files: [] });
  });
});

describe('a file that goes on', () => {
  it('is claimed, copied by its version and named in the manifest', async () => {
    const received = pipeline.receive('steam-api/review_10.json', '{"reviews": {"1": {"recommendationid": "1"}}}');
    const output = await register(received.event);

    expect(output).toEqual({
      batch: { ...BATCH, manifest: `s3://processed/work/batch=${BATCH.id}/manifest.json` },
      fileCount: 1,
      sources: ['steam-api'],
      files: [{ key: received.key, versionId: received.versionId, source: 'steam-api', status: 'PROCESSING' }],
      statuses: { PROCESSING: 1 },
      alreadyRegistered: 0,
    });
    const [file] = manifest().files;
    expect(manifest()).toMatchObject({ batchId: BATCH.id, ingestedAt: '2026-11-21T09:00:00.123Z' });
    expect(file).toMatchObject({ source: 'steam-api', layout: 'wrapped', compression: 'none', cutOff: false });
    expect(pipeline.s3.text(file?.uri.replace('s3://processed/', '') ?? '')).toContain('recommendationid');
  });

  it('leaves events of both its states in the published tables', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW, { checksum: 'crc=' });
    await register(event);
    expect(await fileEvents()).toMatchObject([
      { status: 'RECEIVED', attempt: 1, size_bytes: 70n, arrived_at: new Date('2026-11-21T08:59:58Z'), source: null },
      { status: 'PROCESSING', attempt: 1, source: 'amazon-2018', reason: null },
    ]);
  });

  it('is in PROCESSING only once the manifest names it', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    pipeline.s3.mock.on(CopyObjectCommand).rejects(s3Error('SlowDown', 503));
    await expect(register(event)).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(pipeline.dynamoDb.statuses()).toEqual({ 'a.jsonl': 'RECEIVED' });
  });

  it('is cut off where its last line is', async () => {
    const { event } = pipeline.receive('a.jsonl', `${REVIEW}{"reviewerID": "x`);
    await register(event);
    expect(manifest().files).toMatchObject([{ layout: 'lines', cutOff: true }]);
  });

  it('is looked at from both ends where it is too long to read whole', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW.repeat(2_000).slice(0, -10));
    await register(event);
    expect(manifest().files).toMatchObject([{ cutOff: true }]);
    const ranges = pipeline.s3.mock.commandCalls(GetObjectCommand).map(({ args }) => args[0].input.Range);
    expect(ranges).toEqual(['bytes=0-65535', 'bytes=0-139989']);
  });

  it('is read a second time, further, where its head is long', async () => {
    const { event } = pipeline.receive(
      'a.json',
      `{"head": "${'x'.repeat(100_000)}", "reviews": {"1": ${steamReview()}}}`,
    );
    expect(await register(event)).toMatchObject({ sources: ['steam-api'] });
  });

  it('is copied in parts when it is large', async () => {
    const { event, versionId } = pipeline.receive('large.jsonl', REVIEW, { sizeBytes: 5 * 1024 ** 3 + 1 });
    await register(event);
    const parts = pipeline.s3.mock.commandCalls(UploadPartCopyCommand).map(({ args }) => args[0].input);
    expect(parts).toHaveLength(21);
    expect(parts[0]).toMatchObject({
      PartNumber: 1,
      CopySource: `raw/reviews/large.jsonl?versionId=${versionId}`,
      CopySourceRange: 'bytes=0-268435455',
    });
    expect(parts.at(-1)).toMatchObject({ PartNumber: 21, CopySourceRange: 'bytes=5368709120-5368709120' });
    expect(pipeline.s3.mock.commandCalls(CopyObjectCommand)).toHaveLength(0);
  });
});

function steamReview(): string {
  return '{"recommendationid": "1", "author": {}, "voted_up": true}';
}

describe('a file that ends here', () => {
  it('has its own state and reason, and stops none of the others', async () => {
    const refused = (name: string, error: Error) => {
      const received = pipeline.receive(name, REVIEW);
      pipeline.s3.refusals.set(received.versionId, error);
      return received;
    };
    const files = [
      pipeline.receive('zero', ''),
      pipeline.receive('blank', ' \n'),
      pipeline.receive('binary', new Uint8Array(2_000)),
      pipeline.receive('unknown', '{"a": 1}\n'),
      refused('vanished', s3Error('NotFound', 404)),
      refused('marker', s3Error('MethodNotAllowed', 405)),
      refused('denied', s3Error('403', 403)),
      refused('archived', s3Error('InvalidObjectState', 403)),
      pipeline.receive('good', REVIEW),
    ];
    const output = await register(files.map(({ event }) => event));
    expect(pipeline.dynamoDb.statuses()).toEqual({
      zero: 'EMPTY NO_BYTES',
      blank: 'EMPTY BLANK',
      binary: 'QUARANTINED NOT_TEXT',
      unknown: 'QUARANTINED UNKNOWN_SOURCE',
      vanished: 'QUARANTINED VANISHED',
      marker: 'QUARANTINED DELETE_MARKER',
      denied: 'QUARANTINED ACCESS_DENIED',
      archived: 'QUARANTINED ACCESS_DENIED',
      good: 'PROCESSING',
    });
    expect(output).toMatchObject({ fileCount: 1, statuses: { EMPTY: 2, QUARANTINED: 6, PROCESSING: 1 } });
    expect(pipeline.dynamoDb.row('reviews/archived', files[7]?.versionId ?? '')?.detail).toContain(
      'InvalidObjectState',
    );
  });

  it('may vanish between the look and the copy', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    pipeline.s3.mock.on(CopyObjectCommand).rejects(s3Error('NoSuchVersion', 404));
    expect(await register(event)).toMatchObject({ fileCount: 0, statuses: { QUARANTINED: 1 } });
    expect(pipeline.dynamoDb.statuses()).toEqual({ 'a.jsonl': 'QUARANTINED VANISHED' });
  });

  it('leaves no manifest where no other goes on', async () => {
    const output = await register(pipeline.receive('zero', '').event);
    expect(output.batch).toEqual(BATCH);
    expect([...pipeline.s3.objects.keys()]).toEqual([`processed/${EVENTS_KEY}`]);
  });

  it('is not to blame when the copy may not be written', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    pipeline.s3.mock.on(CopyObjectCommand).rejects(s3Error('AccessDenied', 403));
    await expect(register(event)).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(pipeline.dynamoDb.statuses()).toEqual({ 'a.jsonl': 'RECEIVED' });
  });
});

describe('the same content again', () => {
  function publish(versionId: string): void {
    for (const row of pipeline.dynamoDb.rows.values()) {
      if (row.version_id === versionId) row.status = 'PUBLISHED';
    }
  }

  it.each([
    ['the same ETag', { etag: 'e' }, { etag: 'e' }],
    ['the same checksum though the ETag differs', { etag: 'e', checksum: 'c' }, { etag: 'f', checksum: 'c' }],
  ])('under the same key is a duplicate by %s', async (_, first, second) => {
    const published = pipeline.receive('a.jsonl', REVIEW, first);
    await register(published.event);
    publish(published.versionId);
    const again = pipeline.receive('a.jsonl', REVIEW, second);
    const output = await register(again.event, 'two');
    expect(output).toMatchObject({
      fileCount: 0,
      files: [{ versionId: again.versionId, status: 'DUPLICATE', reason: 'SAME_CONTENT' }],
    });
    expect(pipeline.dynamoDb.row(again.key, again.versionId)?.detail).toContain(published.versionId);
  });

  it.each<[string, string, object, object, boolean]>([
    ['under another key', 'b.jsonl', { etag: 'e' }, { etag: 'e' }, true],
    ['of which the other is not published', 'a.jsonl', { etag: 'e' }, { etag: 'e' }, false],
    ['of another size', 'a.jsonl', { checksum: 'c' }, { checksum: 'c', sizeBytes: 71 }, true],
    ['by its size alone', 'a.jsonl', { etag: 'e' }, { etag: 'f' }, true],
  ])('%s is a file of its own', async (_, name, first, second, isPublished) => {
    const earlier = pipeline.receive('a.jsonl', REVIEW, first);
    await register(earlier.event);
    if (isPublished) publish(earlier.versionId);
    const output = await register(pipeline.receive(name, REVIEW, second).event, 'two');
    expect(output).toMatchObject({ statuses: { PROCESSING: 1 } });
  });
});

describe('a claim', () => {
  it('of a version that another execution has claimed changes nothing', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    await register(event, 'one');
    const before = structuredClone([...pipeline.dynamoDb.rows.values()]);
    const output = await register(event, 'two');
    expect(output).toMatchObject({ fileCount: 0, files: [], statuses: {}, alreadyRegistered: 1 });
    expect([...pipeline.dynamoDb.rows.values()]).toEqual(before);
  });

  it('of two executions at the same time is won by one', async () => {
    const { event } = pipeline.receive('a.jsonl', REVIEW);
    const outputs = await Promise.all([register(event, 'one'), register(event, 'two')]);
    expect(outputs.map(({ fileCount }) => fileCount).sort()).toEqual([0, 1]);
  });

  it('by a retried task takes its own files again, as the same attempt of the same batch', async () => {
    const files = [pipeline.receive('a.jsonl', REVIEW), pipeline.receive('zero', '')];
    const input = files.map(({ event }) => event);
    const first = await register(input);
    const eventsOfFirst = await fileEvents();
    expect(await register(input)).toEqual(first);
    const ids = (events: Record<string, unknown>[]) => events.map(({ event_id }) => event_id);
    expect(ids(await fileEvents())).toEqual(ids(eventsOfFirst));
    expect([...pipeline.dynamoDb.rows.values()].map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it('of a version that failed is another attempt, and keeps nothing of the first', async () => {
    const { event, key, versionId } = pipeline.receive('a.jsonl', REVIEW);
    await register(event, 'one');
    const row = pipeline.dynamoDb.row(key, versionId);
    Object.assign(row ?? {}, { status: 'FAILED', reason: 'EXECUTION_FAILED', detail: 'boom', records_read: 3 });
    expect(await register(event, 'two')).toMatchObject({ fileCount: 1 });
    const again = pipeline.dynamoDb.row(key, versionId);
    expect(again).toMatchObject({ status: 'PROCESSING', attempt: 2, batch_id: batchOf(execution('two')).id });
    expect(again).not.toHaveProperty('reason');
    expect(again).not.toHaveProperty('records_read');
  });

  it('leaves what the same execution has already published', async () => {
    const { event, key, versionId } = pipeline.receive('a.jsonl', REVIEW);
    await register(event);
    Object.assign(pipeline.dynamoDb.row(key, versionId) ?? {}, { status: 'PUBLISHED' });
    expect(await register(event)).toMatchObject({ fileCount: 0, alreadyRegistered: 1 });
  });

  it('that is lost while the file is looked at fails the execution', async () => {
    const { event, key, versionId } = pipeline.receive('a.jsonl', REVIEW);
    pipeline.s3.mock.on(CopyObjectCommand).callsFake(() => {
      Object.assign(pipeline.dynamoDb.row(key, versionId) ?? {}, { batch_id: 'another' });
      return {};
    });
    await expect(register(event)).rejects.toMatchObject({ name: 'LedgerConflictError' });
  });
});

describe('a version that stands in for an erased one', () => {
  const key = 'reviews/a.jsonl';
  const metadata = {
    'replaces-version': 'erased',
    'replaces-file': fileId({ bucket: 'raw', key, versionId: 'erased' }),
  };

  it('is left to the execution that the command erase starts', async () => {
    const { event, versionId } = pipeline.receive('a.jsonl', REVIEW, { metadata });
    expect(await register(event)).toMatchObject({ fileCount: 0, statuses: {}, alreadyRegistered: 1 });
    expect(pipeline.dynamoDb.row(key, versionId)).toBeUndefined();
    expect(await register({ events: [event], triggeredBy: 'erase' })).toMatchObject({ fileCount: 1 });
  });

  it('is a file like any other where somebody has copied it to another key', async () => {
    const { event } = pipeline.receive('copy-of-a.jsonl', REVIEW, { metadata });
    expect(await register(event)).toMatchObject({ fileCount: 1 });
  });
});

describe('many files', () => {
  it('are all registered, and the output stays small', async () => {
    const files = Array.from({ length: 500 }, (_, i) => pipeline.receive(`${i}/${'\u0001'.repeat(1_000)}`, REVIEW));
    const output = await register({ events: files.map(({ event }) => event) });
    expect(output).toMatchObject({ fileCount: 500, statuses: { PROCESSING: 500 } });
    expect(output.files).toHaveLength(20);
    expect(Buffer.byteLength(JSON.stringify(output))).toBeLessThan(200 * 1024);
  });

  it('are not started after another one failed because of the pipeline itself', async () => {
    const files = Array.from({ length: 200 }, (_, i) => pipeline.receive(`${i}`, REVIEW));
    pipeline.s3.mock.on(HeadObjectCommand).rejects(s3Error('InternalError', 500));
    await expect(register(files.map(({ event }) => event))).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(pipeline.dynamoDb.mock.commandCalls(UpdateCommand).length).toBeLessThan(100);
  });
});
