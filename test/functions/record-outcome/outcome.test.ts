import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomes } from '../../../lib/contracts/outcomes';
import type { Manifest } from '../../../lib/functions/ledger/manifest';
import { accountForFiles, outcomeSchema, transitionFor } from '../../../lib/functions/record-outcome/outcome';

const readable = Object.keys(outcomes.recordReasons).filter((reason) => outcomes.recordReasons[reason]?.readable);
const unreadable = Object.keys(outcomes.recordReasons).filter((reason) => !outcomes.recordReasons[reason]?.readable);

function figures(published: number, duplicates: number, rejected: Record<string, number>) {
  const rejects = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  return { recordsRead: published + duplicates + rejects, published, duplicates, deleted: 0, rejected };
}

describe('the state of a file by its figures', () => {
  it('is EMPTY where nothing was read', () => {
    expect(transitionFor(figures(0, 0, {}))).toMatchObject({ status: 'EMPTY', reason: 'NO_RECORD' });
    expect(transitionFor(figures(0, 0, { MALFORMED_JSON: 0 }))).toMatchObject({ status: 'EMPTY' });
  });

  it('is QUARANTINED where every record was rejected as unreadable, for whichever reasons', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...unreadable), fc.integer({ min: 1, max: 9 }), { minKeys: 1 }),
        (rejected) => {
          expect(transitionFor(figures(0, 0, rejected))).toMatchObject({
            status: 'QUARANTINED',
            reason: 'NO_READABLE_RECORD',
          });
        },
      ),
    );
  });

  it('is PUBLISHED as soon as one record is published, or a duplicate of one that is', () => {
    expect(transitionFor(figures(1, 0, { MALFORMED_JSON: 9 }))).toEqual({ status: 'PUBLISHED' });
    expect(transitionFor(figures(0, 1, { MALFORMED_JSON: 9 }))).toEqual({ status: 'PUBLISHED' });
    for (const reason of readable) {
      expect(transitionFor(figures(1, 0, { [reason]: 9 }))).toEqual({ status: 'PUBLISHED' });
    }
  });

  it('is REJECTED where a record could be read and none could be published', () => {
    for (const reason of readable) {
      expect(transitionFor(figures(0, 0, { MALFORMED_JSON: 9, [reason]: 1 }))).toMatchObject({
        status: 'REJECTED',
        reason: 'NO_PUBLISHABLE_RECORD',
      });
    }
  });

  it('says what was looked for and seen where nothing is published, the most frequent reason first', () => {
    const [file] = outcomeSchema.parse({
      batchId: 'b',
      files: [
        {
          fileId: 'f',
          ...figures(0, 0, { MALFORMED_JSON: 1, MISSING_ID: 3 }),
          firstRejected: {
            MISSING_ID: { record: 2, detail: 'looked for review_id in "id" (missing)' },
            MALFORMED_JSON: { record: 1 },
          },
        },
      ],
      tables: {},
    }).files;
    expect(
      transitionFor(figures(0, 0, { MALFORMED_JSON: 1, MISSING_ID: 3 }), undefined, file?.firstRejected).detail,
    ).toBe(
      'None of 4 records could be published: MISSING_ID 3 (record 2, looked for review_id in "id" (missing)); MALFORMED_JSON 1 (record 1). rejected_records holds them. Correct the file, its folder or its contract, and put it again.',
    );
  });
});

describe('a file that failed alone', () => {
  const manifest = { batchId: 'b', files: [{ fileId: 'f' }] } as Manifest;
  const outcomeOf = (recordsRead: number, failure: string) =>
    outcomeSchema.parse({
      batchId: 'b',
      files: [{ fileId: 'f', ...figures(recordsRead, 0, {}), failure }],
      tables: {},
    });

  it('is FAILED for what the jobs say, and may be run again', () => {
    expect(transitionFor(figures(0, 0, {}), 'The kernel ended without an answer.')).toEqual({
      status: 'FAILED',
      reason: 'FILE_FAILED',
      detail: 'The kernel ended without an answer.',
    });
  });

  it('may have no figures: nothing of it is published', () => {
    expect(accountForFiles(outcomeOf(0, 'No.'), manifest)).toMatchObject([{ failure: 'No.' }]);
    expect(() => accountForFiles(outcomeOf(1, 'No.'), manifest)).toThrow(/File f: failed alone, but 1 records read/);
  });

  it('has its failure in one line of bounded length, whatever the jobs wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (failure) => {
        fc.pre(failure.trim() !== '');
        const [file] = outcomeOf(0, failure).files;
        expect(file?.failure).toMatch(/^[^\n\r]{1,500}$/);
      }),
    );
    expect(() => outcomeOf(0, ' ')).toThrow();
  });
});

describe('the outcome of the jobs', () => {
  it('may not name a reason that the contract does not have', () => {
    const file = { fileId: 'f', ...figures(0, 0, { BAD_LUCK: 1 }) };
    expect(outcomeSchema.safeParse({ batchId: 'b', files: [file], tables: {} }).success).toBe(false);
  });
});
