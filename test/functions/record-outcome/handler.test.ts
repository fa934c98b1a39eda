import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../lib/functions/record-outcome/handler';
import { s3Error } from '../../support/fake-s3';
import { context, execution, FakePipeline, type Received } from '../../support/pipeline';
import { BATCH, fileEvents, REVIEW, register, runJobs } from '../../support/recording';

let pipeline: FakePipeline;
let good: Received;
let bad: Received;
let hollow: Received;

const GOOD = { recordsRead: 5, published: 3, duplicates: 1, rejected: { RATING_INVALID: 1 } };
const BAD = { recordsRead: 2, published: 0, duplicates: 0, rejected: { MALFORMED_JSON: 1, TRUNCATED: 1 } };
const NOTHING = { recordsRead: 0, published: 0, duplicates: 0, rejected: {} };

beforeEach(async () => {
  pipeline = new FakePipeline();
  good = pipeline.receive('good.jsonl', REVIEW);
  bad = pipeline.receive('bad.jsonl', REVIEW);
  hollow = pipeline.receive('amazon-2018/hollow.json', '[]');
  await register([good, bad, hollow, pipeline.receive('zero', '')]);
});

function record(batchId = BATCH.id) {
  const manifest = `s3://processed/work/batch=${batchId}/manifest.json`;
  return handler({ execution: execution(), batch: { ...BATCH, id: batchId, manifest } }, context);
}

describe('recording an outcome', () => {
  it('decides the state of every file and says what was published', async () => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, BAD],
      [hollow, NOTHING],
    ]);
    expect(await record()).toEqual({
      batch: { ...BATCH, manifest: `s3://processed/work/batch=${BATCH.id}/manifest.json` },
      records: { read: 7, published: 3, rejected: 3, duplicates: 1, deleted: 0 },
      statuses: { PUBLISHED: 1, QUARANTINED: 1, EMPTY: 1 },
      sources: ['amazon-2018'],
      tables: { reviews: 3 },
    });
    expect(pipeline.dynamoDb.statuses()).toEqual({
      'good.jsonl': 'PUBLISHED',
      'bad.jsonl': 'QUARANTINED NO_READABLE_RECORD',
      'amazon-2018/hollow.json': 'EMPTY NO_RECORD',
      zero: 'EMPTY NO_BYTES',
    });
    expect(pipeline.dynamoDb.row(good.key, good.versionId)).toMatchObject({
      records_read: 5,
      records_published: 3,
      records_duplicate: 1,
      records_rejected: 1,
      rejected_by_reason: { RATING_INVALID: 1 },
    });
  });

  it('leaves the figures in the file events, of the files that the jobs had', async () => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, BAD],
      [hollow, NOTHING],
    ]);
    await record();
    const events = await fileEvents(pipeline, 'outcome');
    expect(events.map(({ status }) => status)).toEqual(['PUBLISHED', 'QUARANTINED', 'EMPTY']);
    expect(events[0]).toMatchObject({ records_read: 5n, rejected_by_reason: '{"RATING_INVALID":1}' });
  });

  it('says in every outcome how many rows the batch has in each table', async () => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, BAD],
      [hollow, NOTHING],
    ]);
    const { tables } = await record();
    expect(tables).toMatchObject({ reviews: 3 });
    for (const { batch_rows } of await fileEvents(pipeline, 'outcome')) {
      expect(JSON.parse(String(batch_rows))).toEqual(tables);
    }
  });

  it('counts deletions beside what is published, and calls a file of deletions alone PUBLISHED', async () => {
    runJobs(pipeline, [
      [good, { recordsRead: 3, published: 1, duplicates: 0, deleted: 2, rejected: {} }],
      [bad, { recordsRead: 2, published: 0, duplicates: 0, deleted: 1, rejected: { DELETED: 1 } }],
      [hollow, NOTHING],
    ]);
    expect(await record()).toMatchObject({
      records: { read: 5, published: 1, rejected: 1, duplicates: 0, deleted: 3 },
      statuses: { PUBLISHED: 2, EMPTY: 1 },
    });
    expect((await fileEvents(pipeline, 'outcome'))[0]).toMatchObject({ records_deleted: 2n });
  });

  it('can be retried after a crash', async () => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, BAD],
      [hollow, NOTHING],
    ]);
    pipeline.s3.nextWriteError = s3Error('InternalError', 500);
    await expect(record()).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(await record()).toMatchObject({ statuses: { PUBLISHED: 1, QUARANTINED: 1, EMPTY: 1 } });
  });
});

describe('a file of which no record could be published', () => {
  beforeEach(() => {
    const detail = 'looked for review_id in "id" (missing)';
    const rejected = { recordsRead: 2, published: 0, duplicates: 0, rejected: { MISSING_ID: 2 } };
    runJobs(pipeline, [
      [good, GOOD],
      [bad, { ...rejected, firstRejected: { MISSING_ID: { record: 1, detail } } }],
      [hollow, NOTHING],
    ]);
  });

  it('is REJECTED in the ledger and in the file events, with what was looked for', async () => {
    expect(await record()).toMatchObject({ statuses: { PUBLISHED: 1, REJECTED: 1, EMPTY: 1 } });
    expect(pipeline.dynamoDb.row(bad.key, bad.versionId)).toMatchObject({
      status: 'REJECTED',
      reason: 'NO_PUBLISHABLE_RECORD',
      detail: expect.stringContaining('looked for review_id in "id" (missing)'),
      records_read: 2,
    });
    expect((await fileEvents(pipeline, 'outcome'))[1]).toMatchObject({ status: 'REJECTED', records_rejected: 2n });
  });

  it('is what the people on call are told about', async () => {
    const { alert } = await record();
    expect(alert?.subject).toBe('Review intake: 1 file not published');
    expect(alert?.message).toContain(`"${bad.key}": None of 2 records could be published: MISSING_ID 2`);
    expect(alert?.message).not.toContain(good.key);
  });
});

describe('a file on which the jobs failed alone', () => {
  const failure = 'The kernel ended without an answer.';
  beforeEach(() => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, { ...NOTHING, failure }],
      [hollow, NOTHING],
    ]);
  });

  it('is FAILED, and all others end as usual', async () => {
    expect(await record()).toMatchObject({
      records: { read: 5, published: 3, rejected: 1, duplicates: 1 },
      statuses: { PUBLISHED: 1, FAILED: 1, EMPTY: 1 },
    });
    expect(pipeline.dynamoDb.statuses()).toMatchObject({
      'good.jsonl': 'PUBLISHED',
      'bad.jsonl': 'FAILED FILE_FAILED',
      'amazon-2018/hollow.json': 'EMPTY NO_RECORD',
    });
    expect(pipeline.dynamoDb.row(bad.key, bad.versionId)).toMatchObject({ detail: failure, records_read: 0 });
  });

  it('is in the file events with its reason', async () => {
    await record();
    expect((await fileEvents(pipeline, 'outcome'))[1]).toMatchObject({
      status: 'FAILED',
      reason: 'FILE_FAILED',
      detail: failure,
      records_read: 0n,
    });
  });

  it('is what the people on call are told about, and nothing else is', async () => {
    const { alert } = await record();
    expect(alert?.subject).toBe('Review intake: 1 file not published');
    expect(alert?.message).toContain(`"${bad.key}": ${failure}`);
    expect(alert?.message).not.toContain(good.key);
  });

  it('is recorded the same when the record broke off', async () => {
    pipeline.s3.nextWriteError = s3Error('InternalError', 500);
    await expect(record()).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(await record()).toMatchObject({ statuses: { PUBLISHED: 1, FAILED: 1, EMPTY: 1 } });
  });

  it('is taken again by a new execution with the same input, without what was published', async () => {
    await record();
    expect(await register([good, bad, hollow], 'two')).toMatchObject({ fileCount: 1, alreadyRegistered: 2 });
    expect(pipeline.dynamoDb.row(bad.key, bad.versionId)).toMatchObject({ status: 'PROCESSING', attempt: 2 });
    expect(pipeline.dynamoDb.row(bad.key, bad.versionId)).not.toHaveProperty('detail');
  });
});

describe('an outcome that does not add up', () => {
  it('is refused where a record is unaccounted for', async () => {
    runJobs(pipeline, [
      [good, { ...GOOD, recordsRead: 6 }],
      [bad, BAD],
      [hollow, NOTHING],
    ]);
    await expect(record()).rejects.toMatchObject({
      name: 'InvalidOutcomeError',
      message: expect.stringContaining('6 records read, but 3 published, 1 duplicates, 0 deleted and 1 rejected'),
    });
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'good.jsonl': 'PROCESSING' });
  });

  it('is refused where a file is missing', async () => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, BAD],
    ]);
    await expect(record()).rejects.toMatchObject({ name: 'InvalidOutcomeError' });
  });

  it('is refused where a file is there twice', async () => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, BAD],
      [hollow, NOTHING],
      [good, GOOD],
    ]);
    await expect(record()).rejects.toMatchObject({ name: 'InvalidOutcomeError' });
  });

  it('is refused where it is that of another execution', async () => {
    await expect(record('20261121T090000Z-00000000')).rejects.toMatchObject({ name: 'InvalidOutcomeError' });
  });

  it('is an error where the jobs wrote none', async () => {
    await expect(record()).rejects.toThrow(/outcome.json does not exist/);
  });

  it('is refused where a file was taken from the batch meanwhile', async () => {
    runJobs(pipeline, [
      [good, GOOD],
      [bad, BAD],
      [hollow, NOTHING],
    ]);
    Object.assign(pipeline.dynamoDb.row(bad.key, bad.versionId) ?? {}, { status: 'FAILED' });
    await expect(record()).rejects.toMatchObject({ name: 'LedgerConflictError' });
  });
});
