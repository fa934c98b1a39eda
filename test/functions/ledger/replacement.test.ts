import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { withdrawnMarkKey } from '../../../lib/contracts/object-keys';
import { batchOf } from '../../../lib/functions/ledger/identity';
import { handler as recordFailure } from '../../../lib/functions/record-failure/handler';
import { handler as recordOutcome } from '../../../lib/functions/record-outcome/handler';
import { handler as registerFiles } from '../../../lib/functions/register-files/handler';
import { s3Error } from '../../support/fake-s3';
import { context, execution, FakePipeline, type Received } from '../../support/pipeline';
import { BATCH, fileEvents, REVIEW, register, runJobs } from '../../support/recording';

const AGAIN = batchOf(execution('again'));
const PUBLISHED = { recordsRead: 2, published: 1, duplicates: 0, rejected: { RATING_INVALID: 1 } };
const CORRECTED = { recordsRead: 2, published: 2, duplicates: 0, rejected: {} };
const REJECTED = { recordsRead: 1, published: 0, duplicates: 0, rejected: { MISSING_ID: 1 } };

mockClient(GlueClient).on(GetJobRunsCommand).resolves({ JobRuns: [] });

let pipeline: FakePipeline;
let good: Received;
let bad: Received;

const manifest = (id: string) => `s3://processed/work/batch=${id}/manifest.json`;
const record = (name: string, batch = batchOf(execution(name))) =>
  recordOutcome({ execution: execution(name), batch: { ...batch, manifest: manifest(batch.id) } }, context);
const fail = (name: string) =>
  recordFailure({ execution: execution(name), error: { Error: 'States.TaskFailed', Cause: 'boom' } }, context);
const replace = (batchId = BATCH.id) =>
  registerFiles({ execution: execution('again'), input: { replace: { batchId }, triggeredBy: 'replay' } }, context);
/** Batches of which the table `reviews` holds rows. */
const published = () =>
  [...pipeline.s3.objects.keys()].flatMap((path) => /tables\/reviews\/.*batch_id=([^/]+)/.exec(path)?.[1] ?? []);

beforeEach(async () => {
  pipeline = new FakePipeline();
  good = pipeline.receive('good.jsonl', REVIEW);
  bad = pipeline.receive('bad.jsonl', REVIEW);
  await register([good, bad, pipeline.receive('zero', '')]);
  runJobs(pipeline, [
    [good, PUBLISHED],
    [bad, REJECTED],
  ]);
  await record('one');
});

describe('a batch that is processed again', () => {
  it('is taken whole: every file that the jobs have read, and no other', async () => {
    expect(await replace()).toMatchObject({ fileCount: 2, statuses: { PROCESSING: 2 } });
    expect(published()).toEqual([BATCH.id]);
    expect(pipeline.dynamoDb.row(good.key, good.versionId)).toMatchObject({
      status: 'PROCESSING',
      attempt: 2,
      triggered_by: 'replay',
      replaces: { status: 'PUBLISHED', batch_id: BATCH.id, records_published: 1 },
    });
  });

  it('replaces what was published when its outcome is known, by one object of the file events', async () => {
    await replace();
    runJobs(
      pipeline,
      [
        [good, CORRECTED],
        [bad, CORRECTED],
      ],
      AGAIN,
    );
    await record('again');
    expect(published()).toEqual([AGAIN.id]);
    // The next compaction leaves the rows of the replaced batch out of its files.
    expect(pipeline.s3.text(withdrawnMarkKey(BATCH))).toBe('');
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'good.jsonl': 'PUBLISHED', 'bad.jsonl': 'PUBLISHED' });
    expect(await fileEvents(pipeline, 'outcome', AGAIN)).toMatchObject([
      { status: 'PUBLISHED', replaces_batch_id: BATCH.id, triggered_by: 'replay', records_published: 2n },
      { status: 'PUBLISHED', replaces_batch_id: BATCH.id },
    ]);
  });

  it('takes the same files at a retry of the task, and remembers what they replace', async () => {
    pipeline.s3.nextWriteError = s3Error('InternalError', 500);
    await expect(replace()).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(await replace()).toMatchObject({ fileCount: 2 });
    expect(pipeline.dynamoDb.row(good.key, good.versionId)).toMatchObject({
      attempt: 2,
      replaces: { batch_id: BATCH.id },
    });
    expect(JSON.parse(pipeline.s3.text(`work/batch=${AGAIN.id}/manifest.json`))).toMatchObject({ replaces: BATCH });
  });

  it('stays published as it was where the execution fails, and the failure is in its history', async () => {
    const before = { ...pipeline.dynamoDb.row(good.key, good.versionId) };
    await replace();
    runJobs(
      pipeline,
      [
        [good, CORRECTED],
        [bad, CORRECTED],
      ],
      AGAIN,
    );
    await fail('again');
    expect(published()).toEqual([BATCH.id]);
    const { updated_at, received_at, attempt, triggered_by, ...after } =
      pipeline.dynamoDb.row(good.key, good.versionId) ?? {};
    expect(before).toMatchObject(after);
    expect(attempt).toBe(2);
    const ofGood = (await fileEvents(pipeline, 'failed', AGAIN)).filter(({ key }) => key === good.key);
    expect(ofGood.map(({ status }) => status)).toEqual(['FAILED', 'PUBLISHED']);
    expect(Number(ofGood[1]?.occurred_at)).toBeGreaterThan(Number(ofGood[0]?.occurred_at));
  });

  it('gets the number of its deletions back, too, where the execution fails', async () => {
    const deletions = pipeline.receive('deletions.jsonl', REVIEW);
    await register([deletions], 'second');
    const batch = batchOf(execution('second'));
    runJobs(pipeline, [[deletions, { recordsRead: 3, published: 1, duplicates: 0, deleted: 2, rejected: {} }]], batch);
    await record('second');
    await replace(batch.id);
    await fail('again');
    expect(pipeline.dynamoDb.row(deletions.key, deletions.versionId)).toMatchObject({
      status: 'PUBLISHED',
      records_read: 3,
      records_published: 1,
      records_deleted: 2,
    });
  });

  it('gets its outcome back, too, where recording the failure broke off', async () => {
    await replace();
    pipeline.s3.nextWriteError = s3Error('InternalError', 500);
    await expect(fail('again')).rejects.toMatchObject({ name: 'TransientServiceError' });
    await fail('again');
    expect(pipeline.dynamoDb.statuses()).toMatchObject({
      'good.jsonl': 'PUBLISHED',
      'bad.jsonl': 'REJECTED NO_PUBLISHABLE_RECORD',
    });
  });

  it('is not replaced where the jobs fail on one of its files alone', async () => {
    await replace();
    const nothing = { recordsRead: 0, published: 0, duplicates: 0, rejected: {}, failure: 'The kernel ended.' };
    runJobs(
      pipeline,
      [
        [good, CORRECTED],
        [bad, nothing],
      ],
      AGAIN,
    );
    await expect(record('again')).rejects.toMatchObject({ name: 'InvalidOutcomeError' });
    expect(published()).toContain(BATCH.id);
  });

  it('is not replaced where a file could not be read any more', async () => {
    pipeline.s3.versions.clear();
    await expect(replace()).rejects.toThrow('What is published stays as it is');
    await fail('again');
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'good.jsonl': 'PUBLISHED' });
  });

  it('is taken by one execution only', async () => {
    await replace();
    const other = { execution: execution('other'), input: { replace: { batchId: BATCH.id } } };
    expect(await registerFiles(other, context)).toMatchObject({ fileCount: 0 });
  });
});

describe('files that ended at registration', () => {
  const again = () =>
    registerFiles({ execution: execution('again'), input: { events: [good.event, odd.event], again: true } }, context);
  let odd: Received;

  beforeEach(async () => {
    odd = pipeline.receive('odd.jsonl', '{"unheard": 1}\n');
    await register([odd], 'odd');
  });

  it('are claimed again where an operator says so, and published ones are left alone', async () => {
    expect(await again()).toMatchObject({ statuses: { QUARANTINED: 1 }, alreadyRegistered: 1 });
    expect(pipeline.dynamoDb.row(odd.key, odd.versionId)).toMatchObject({ attempt: 2 });
  });

  it('are left alone by an event that comes twice', async () => {
    expect(await register([odd], 'twice')).toMatchObject({ alreadyRegistered: 1 });
  });
});
