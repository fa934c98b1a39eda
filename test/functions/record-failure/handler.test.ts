import { BatchStopJobRunCommand, GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { CopyObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../../lib/functions/record-failure/handler';
import { handler as recordOutcome } from '../../../lib/functions/record-outcome/handler';
import { s3Error } from '../../support/fake-s3';
import { context, execution, FakePipeline, type Received } from '../../support/pipeline';
import { BATCH, fileEvents, partition, REVIEW, register, runJobs } from '../../support/recording';

const sns = mockClient(SNSClient);
const glue = mockClient(GlueClient);
const ONE = { recordsRead: 1, published: 1, duplicates: 0, rejected: {} };

let pipeline: FakePipeline;
let files: Received[];

beforeEach(() => {
  sns.reset();
  sns.on(PublishCommand).resolves({});
  glue.reset();
  glue.on(GetJobRunsCommand).resolves({ JobRuns: [] });
  pipeline = new FakePipeline();
  files = [pipeline.receive('a.jsonl', REVIEW), pipeline.receive('b.jsonl', REVIEW), pipeline.receive('zero', '')];
});

function fail(error = { Error: 'States.TaskFailed', Cause: 'boom' }) {
  return handler({ execution: execution(), error }, context);
}

function statusChange(status: string) {
  return {
    version: '0',
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      executionArn: execution().arn,
      stateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:review-intake',
      status,
      startDate: Date.parse(execution().startTime),
      stopDate: Date.parse('2026-11-21T10:00:00Z'),
      error: null,
      cause: null,
    },
  };
}

function publishedObjects(): string[] {
  return [...pipeline.s3.objects.keys()].filter((path) => /tables\/(?!file_events)/.test(path));
}

function outcomeOfAB() {
  const [a, b] = files as [Received, Received];
  runJobs(pipeline, [
    [a, ONE],
    [b, ONE],
  ]);
}

function recordOutcomes() {
  const manifest = `s3://processed/work/batch=${BATCH.id}/manifest.json`;
  return recordOutcome({ execution: execution(), batch: { ...BATCH, manifest } }, context);
}

describe('a job run that still works after its execution failed', () => {
  const manifest = `s3://processed/work/batch=${BATCH.id}/manifest.json`;
  const run = (Id: string, JobRunState: 'RUNNING' | 'STOPPED', of = manifest) => ({
    Id,
    JobRunState,
    Arguments: { '--manifest': of },
  });

  it('is stopped before anything is removed, and no run of another batch with it', async () => {
    await register(files);
    outcomeOfAB();
    let published: string[] = [];
    glue
      .on(GetJobRunsCommand, { JobName: 'flatten-reviews' })
      .resolvesOnce({ JobRuns: [run('mine', 'RUNNING'), run('other', 'RUNNING', 's3://processed/another')] })
      .resolves({ JobRuns: [run('mine', 'STOPPED'), run('other', 'RUNNING', 's3://processed/another')] });
    glue.on(BatchStopJobRunCommand).callsFake(() => {
      published = publishedObjects();
      return {};
    });
    await fail();
    expect(glue.commandCalls(BatchStopJobRunCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { JobName: 'flatten-reviews', JobRunIds: ['mine'] },
    ]);
    expect(published).not.toEqual([]);
    expect(publishedObjects()).toEqual([]);
  });

  it('is found behind any number of newer runs, and the search ends with the runs before the execution', async () => {
    await register(files);
    outcomeOfAB();
    const at = (hours: number) => new Date(Date.parse(execution().startTime) + hours * 3_600_000);
    const page = (hours: number, token: string, ...runs: object[]) => ({
      JobRuns: [...runs, { Id: `others-${token}`, StartedOn: at(hours) }],
      NextToken: token,
    });
    const waiting = { ...run('mine', 'RUNNING'), JobRunState: 'WAITING' as const, StartedOn: at(0) };
    glue.on(GetJobRunsCommand, { JobName: 'clean-reviews' }).resolves(page(9, 'second'));
    glue
      .on(GetJobRunsCommand, { JobName: 'clean-reviews', NextToken: 'second' })
      .resolvesOnce(page(0, 'third', waiting))
      .resolves(page(0, 'third'));
    glue.on(GetJobRunsCommand, { JobName: 'clean-reviews', NextToken: 'third' }).resolves(page(-1, 'never'));
    glue.on(GetJobRunsCommand, { JobName: 'clean-reviews', NextToken: 'never' }).rejects('too far');
    await fail();
    expect(glue.commandCalls(BatchStopJobRunCommand).map(({ args: [{ input }] }) => input)).toEqual([
      { JobName: 'clean-reviews', JobRunIds: ['mine'] },
    ]);
  });
});

describe('the failure of a job', () => {
  beforeEach(async () => {
    await register(files);
    outcomeOfAB();
  });

  it('fails the files that were in its hands, and leaves those that had ended', async () => {
    expect(await fail()).toMatchObject({
      batch: { id: BATCH.id },
      failedFiles: 2,
      files: ['reviews/a.jsonl', 'reviews/b.jsonl'],
    });
    expect(pipeline.dynamoDb.statuses()).toEqual({
      'a.jsonl': 'FAILED EXECUTION_FAILED',
      'b.jsonl': 'FAILED EXECUTION_FAILED',
      zero: 'EMPTY NO_BYTES',
    });
  });

  it('removes what the batch wrote, but neither its file events nor another batch’s rows', async () => {
    pipeline.putDocument(`${partition('reviews', 'another')}part-00000.parquet`, {});
    await fail();
    expect(publishedObjects()).toEqual([`processed/${partition('reviews', 'another')}part-00000.parquet`]);
    expect(await fileEvents(pipeline, 'registered')).toHaveLength(6);
    expect(await fileEvents(pipeline, 'failed')).toMatchObject([{ status: 'FAILED' }, { status: 'FAILED' }]);
  });

  it('fails no file whose rows could not be removed', async () => {
    pipeline.s3.mock
      .on(DeleteObjectsCommand)
      .resolves({ Errors: [{ Key: 'tables/x', Code: 'InternalError', Message: 'try again' }] });
    await expect(fail()).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'a.jsonl': 'PROCESSING' });
  });

  it('says in the ledger what the job said', async () => {
    const Cause = JSON.stringify({ JobName: 'clean', JobRunState: 'FAILED', ErrorMessage: 'Out of memory' });
    await fail({ Error: 'States.TaskFailed', Cause });
    expect(pipeline.dynamoDb.row('reviews/a.jsonl', 'version-1')?.detail).toMatch(
      /^States.TaskFailed: Out of memory\nNext: /,
    );
  });

  it('is recorded again the same when the record broke off', async () => {
    pipeline.s3.nextWriteError = s3Error('InternalError', 500);
    await expect(fail()).rejects.toMatchObject({ name: 'TransientServiceError' });
    expect(await fail()).toMatchObject({ failedFiles: 2 });
    expect(await fileEvents(pipeline, 'failed')).toHaveLength(2);
  });

  it('lets a new execution take the files again, and leaves them to it', async () => {
    await fail();
    expect(await register(files, 'two')).toMatchObject({ fileCount: 2, alreadyRegistered: 1 });
    expect(await fail()).toMatchObject({ failedFiles: 0 });
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'a.jsonl': 'PROCESSING', 'b.jsonl': 'PROCESSING' });
  });

  it('finds the files though the index does not show them yet', async () => {
    for (const { versionId } of files) pipeline.dynamoDb.hiddenFromIndex.add(versionId);
    expect(await fail()).toMatchObject({ failedFiles: 2 });
  });
});

describe('a failure elsewhere', () => {
  it('while registering fails the files that were claimed', async () => {
    pipeline.s3.mock.on(CopyObjectCommand).rejects(s3Error('AccessDenied', 403));
    await expect(register(files)).rejects.toThrow();
    expect(await fail({ Error: 'AccessDenied', Cause: '' })).toMatchObject({ failedFiles: 3 });
    expect(Object.values(pipeline.dynamoDb.statuses())).toEqual(Array(3).fill('FAILED EXECUTION_FAILED'));
  });

  it('before any file was claimed touches nothing', async () => {
    expect(await fail({ Error: 'InvalidInputError', Cause: '' })).toMatchObject({ failedFiles: 0, files: [] });
    expect(pipeline.s3.objects.size).toBe(0);
  });

  it('half-way through the outcome takes back what was recorded as published', async () => {
    await register(files);
    outcomeOfAB();
    await recordOutcomes();
    Object.assign(pipeline.dynamoDb.row('reviews/b.jsonl', 'version-2') ?? {}, { status: 'PROCESSING' });
    expect(await fail()).toMatchObject({ failedFiles: 2 });
    expect(publishedObjects()).toEqual([]);
    expect(pipeline.dynamoDb.row('reviews/a.jsonl', 'version-1')).toMatchObject({ status: 'FAILED' });
    expect(pipeline.dynamoDb.row('reviews/a.jsonl', 'version-1')).not.toHaveProperty('records_read');
  });

  it('after the outcome was recorded leaves everything published', async () => {
    await register(files);
    outcomeOfAB();
    await recordOutcomes();
    expect(await fail({ Error: 'EventBridge.FailedEntry', Cause: '' })).toMatchObject({ failedFiles: 0 });
    expect(publishedObjects()).toHaveLength(2);
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'a.jsonl': 'PUBLISHED', 'b.jsonl': 'PUBLISHED' });
  });
});

describe('a failure after files had failed alone', () => {
  const failure = 'The kernel ended without an answer.';
  beforeEach(async () => {
    await register(files);
    const [a, b] = files as [Received, Received];
    runJobs(pipeline, [
      [a, ONE],
      [b, { ...ONE, recordsRead: 0, published: 0, failure }],
    ]);
    await recordOutcomes();
  });

  it('takes nothing back: that those are FAILED is their outcome', async () => {
    const { failedFiles, alert } = await fail({ Error: 'EventBridge.FailedEntry', Cause: '' });
    expect(failedFiles).toBe(0);
    expect(publishedObjects()).toHaveLength(2);
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'a.jsonl': 'PUBLISHED', 'b.jsonl': 'FAILED FILE_FAILED' });
    expect(alert.message).toContain('1 file had FAILED before, alone');
  });

  it('fails them with the others where the outcome was recorded half', async () => {
    Object.assign(pipeline.dynamoDb.row('reviews/a.jsonl', 'version-1') ?? {}, { status: 'PROCESSING' });
    expect(await fail()).toMatchObject({ failedFiles: 2 });
    expect(publishedObjects()).toEqual([]);
  });
});

describe('an execution that timed out or was aborted before it could report', () => {
  it.each([
    ['TIMED_OUT', 'EXECUTION_TIMED_OUT'],
    ['ABORTED', 'EXECUTION_ABORTED'],
  ])('%s is recorded and alerted', async (status, reason) => {
    await register(files);
    const { alert } = await handler(statusChange(status), context);
    expect(pipeline.dynamoDb.statuses()).toMatchObject({ 'a.jsonl': `FAILED ${reason}` });
    expect(sns.commandCalls(PublishCommand).map(({ args }) => args[0].input)).toEqual([
      { TopicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts', Subject: alert.subject, Message: alert.message },
    ]);
  });

  it('is not alerted twice where the state machine sends the alert', async () => {
    await register(files);
    await fail();
    expect(sns.commandCalls(PublishCommand)).toHaveLength(0);
  });

  it('is refused where the event is of another kind', async () => {
    await expect(handler(statusChange('SUCCEEDED'), context)).rejects.toMatchObject({ name: 'InvalidInputError' });
  });
});
