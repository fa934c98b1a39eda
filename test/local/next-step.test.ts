import { describe, expect, it } from 'vitest';
import { type FileResult, signOf } from '../../local/run/file-result';
import { nextStep } from '../../local/run/next-step';
import { describeFiles } from '../../local/run/result';

const file = (status: string, over: Partial<FileResult> = {}): FileResult => ({
  path: '/data/it is.json',
  name: 'yelp/it is.json',
  source: 'yelp',
  status,
  reason: null,
  recordsRead: 10,
  published: 10,
  duplicates: 0,
  rejected: {},
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:intake:one',
  executionStatus: 'SUCCEEDED',
  seconds: 1.5,
  ...over,
});

describe('the next step after a run', () => {
  it('is a run that stays up, or what shows why a file did not get through', () => {
    expect(nextStep([file('PUBLISHED')], { kept: false })).toContain('npm run local -- --keep');
    expect(nextStep([file('PUBLISHED'), file('FAILED')], { kept: false })).toContain("validate '/data/it is.json'");
  });

  it('is, in a kept run, what there is to be seen', () => {
    expect(nextStep([file('PUBLISHED')], { kept: true })).toContain('sql "select');
    expect(nextStep([file('PUBLISHED', { rejected: { MISSING_ID: 1 } })], { kept: true })).toContain(
      "rejects 'reviews/yelp/it is.json'",
    );
    expect(nextStep([file('QUARANTINED')], { kept: true })).toContain("files 'reviews/yelp/it is.json'");
  });
});

describe('the table of dropped files', () => {
  it.each([
    ['PUBLISHED', ''],
    ['DUPLICATE', ''],
    ['EMPTY', ''],
    ['QUARANTINED', '⚠ '],
    ['REJECTED', '✖ '],
    ['FAILED', '✖ '],
    ['LOST', '✖ '],
  ])('marks %s by "%s"', (status, sign) => {
    expect(signOf(file(status))).toBe(sign);
  });

  it('says why, and counts what did not get through', () => {
    const text = describeFiles(
      [file('PUBLISHED'), file('QUARANTINED', { reason: 'It is no text.' }), file('FAILED')],
      '/runs/1',
    );
    expect(text).toContain('⚠ QUARANTINED');
    expect(text).toContain('It is no text.');
    expect(text).toMatch(/1 of 3 files did not get through\.$/);
  });
});
