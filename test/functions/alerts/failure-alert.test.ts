import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailedExecution } from '../../../lib/functions/alerts/failed-execution';
import { type FailureFigures, failureAlert, unpublishedFilesAlert } from '../../../lib/functions/alerts/failure-alert';

const arn = 'arn:aws:states:eu-central-1:123456789012:execution:reviews-prod-intake:night-shift';
const failure: FailedExecution = {
  execution: { arn, startTime: '2026-11-21T03:00:00.000Z' },
  reason: 'EXECUTION_FAILED',
  error: 'States.TaskFailed',
  message: 'File 4f2a: 10 records read, 9 accounted for.',
  alive: true,
};
const figures: FailureFigures = {
  batchId: '20261121T030000Z-1a2b3c4d',
  failedFiles: 2,
  keys: ['reviews/native/a.json', 'reviews/native/b "new"\n.json'],
  publishedFiles: 0,
  failedAlone: 0,
  removedObjects: 4,
};

describe('the alert of a failed execution', () => {
  const { subject, message } = failureAlert(failure, figures);

  it('says what happened, to which files', () => {
    expect(subject).toBe('Review intake failed: 2 files not published (States.TaskFailed)');
    expect(message).toContain('2 files could not be published');
    expect(message).toContain('the execution failed with States.TaskFailed');
    expect(message).toContain('File 4f2a: 10 records read, 9 accounted for.');
    expect(message).toContain('20261121T030000Z-1a2b3c4d');
    expect(message).toContain('2 FAILED, nothing of them is published, 4 objects already written were removed');
  });

  it('quotes keys, so that one with a line break is still one line', () => {
    expect(message.split('\n')).toContain('  "reviews/native/b \\"new\\"\\n.json"');
  });

  it('links to the execution in the console of its region', () => {
    expect(message).toContain(
      `https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/${arn}\n`,
    );
  });

  it('says what to do: the command first, then the console', () => {
    expect(message).toContain('replay --failed');
    expect(message).toContain('start a new execution with the same input');
  });

  it('shows the first keys of many and counts the rest', () => {
    const keys = Array.from({ length: 20 }, (_, index) => `reviews/${index}.json`);
    const many = failureAlert(failure, { ...figures, keys, failedFiles: 300 }).message;
    expect(many).toContain('"reviews/9.json"');
    expect(many).not.toContain('"reviews/10.json"');
    expect(many).toContain('and 290 more');
  });
});

describe('the alert of an execution', () => {
  const messageOf = (change: Partial<FailedExecution>, left: Partial<FailureFigures> = {}) =>
    failureAlert({ ...failure, ...change }, { ...figures, ...left }).message;

  it('that timed out says so', () => {
    expect(messageOf({ reason: 'EXECUTION_TIMED_OUT' })).toContain('ran longer than it may');
  });

  it('that was stopped says so', () => {
    expect(messageOf({ reason: 'EXECUTION_ABORTED' })).toContain('stopped from outside');
  });

  it('that had published already asks for no re-run', () => {
    const message = messageOf({}, { failedFiles: 0, keys: [], publishedFiles: 3, removedObjects: 0 });
    expect(message).toContain('only their announcement is missing');
    expect(message).toContain('nothing needs to be run again');
    expect(message).not.toContain('start a new execution');
  });

  it('that had published some files, and failed on others alone, asks for a re-run of those', () => {
    const message = messageOf({}, { failedFiles: 0, keys: [], publishedFiles: 3, failedAlone: 2, removedObjects: 0 });
    expect(message).toContain('only their announcement is missing');
    expect(message).toContain('2 files had FAILED before, alone');
    expect(message).toContain('start a new execution');
  });

  it('that had failed on all of its files alone does not say that it had none', () => {
    const message = messageOf({}, { failedFiles: 0, keys: [], publishedFiles: 0, failedAlone: 1, removedObjects: 0 });
    expect(message).toContain('after it had recorded the outcome: nothing of its files is published');
    expect(message).toContain('start a new execution');
  });

  it('that had not begun asks for a re-run', () => {
    const message = messageOf({}, { failedFiles: 0, keys: [], publishedFiles: 0, removedObjects: 0 });
    expect(message).toContain('before it had claimed any file');
    expect(message).toContain('start a new execution');
    // The ledger knows no file of it as FAILED.
    expect(message).not.toContain('replay');
  });
});

describe('the alert of files that failed alone', () => {
  const failed = [
    { key: 'reviews/native/a.json', why: 'The kernel ended without an answer.' },
    { key: 'reviews/native/b "new"\n.json', why: 'A value is too deep.' },
  ];
  const alertOf = (files: typeof failed) =>
    unpublishedFilesAlert({ executionArn: arn, batchId: figures.batchId, failed: files, rejected: [] });
  const { subject, message } = alertOf(failed);

  it('says which files and why, each in one line', () => {
    expect(subject).toBe('Review intake: 2 files not published');
    expect(message.split('\n')).toEqual(
      expect.arrayContaining([
        '  "reviews/native/a.json": The kernel ended without an answer.',
        '  "reviews/native/b \\"new\\"\\n.json": A value is too deep.',
      ]),
    );
  });

  it('says that the others are not concerned, where to look and what to do', () => {
    expect(message).toContain('all others ended as usual');
    expect(message).toContain(figures.batchId);
    expect(message).toContain(`#/v2/executions/details/${arn}\n`);
    expect(message).toContain('start a new execution with the same input');
  });

  it('shows the first of many and counts the rest', () => {
    const many = alertOf(Array.from({ length: 300 }, (_, index) => ({ key: `reviews/${index}.json`, why: 'No.' })));
    expect(many.message).toContain('"reviews/9.json"');
    expect(many.message).not.toContain('"reviews/10.json"');
    expect(many.message).toContain('and 290 more');
    expect(many.subject.length).toBeLessThan(100);
  });

  it('tells files of which no record could be published from those that failed, and what to do about each', () => {
    const rejected = [{ key: 'reviews/native/shop.json', why: 'None of 3 records could be published.' }];
    const alert = unpublishedFilesAlert({ executionArn: arn, batchId: figures.batchId, failed, rejected });
    expect(alert.subject).toBe('Review intake: 3 files not published');
    expect(alert.message).toContain('1 REJECTED, nothing of them is published');
    expect(alert.message).toContain('"reviews/native/shop.json": None of 3 records could be published.');
    expect(alert.message).toContain('correct the REJECTED files');
    const alone = unpublishedFilesAlert({ executionArn: arn, batchId: figures.batchId, failed: [], rejected });
    expect(alone.message).not.toContain('FAILED');
  });
});

describe('the subject', () => {
  it('is what SNS accepts, whatever the error is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (error) => {
        expect(failureAlert({ ...failure, error }, figures).subject).toMatch(/^[A-Za-z][\x20-\x7e]{0,98}$/);
      }),
    );
  });
});
