import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outcomes } from '../../../lib/contracts/outcomes';
import { outcomeSchema, transitionFor } from '../../../lib/functions/record-outcome/outcome';

const readable = Object.keys(outcomes.recordReasons).filter((reason) => outcomes.recordReasons[reason]?.readable);
const unreadable = Object.keys(outcomes.recordReasons).filter((reason) => !outcomes.recordReasons[reason]?.readable);

function figures(published: number, duplicates: number, rejected: Record<string, number>) {
  const rejects = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  return { recordsRead: published + duplicates + rejects, published, duplicates, rejected };
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

  it('is PUBLISHED as soon as one record could be read, even if it was rejected', () => {
    expect(transitionFor(figures(1, 0, { MALFORMED_JSON: 9 }))).toEqual({ status: 'PUBLISHED' });
    expect(transitionFor(figures(0, 1, { MALFORMED_JSON: 9 }))).toEqual({ status: 'PUBLISHED' });
    for (const reason of readable) {
      expect(transitionFor(figures(0, 0, { MALFORMED_JSON: 9, [reason]: 1 }))).toEqual({ status: 'PUBLISHED' });
    }
  });
});

describe('an outcome', () => {
  it('may not name a reason that the contract does not have', () => {
    const file = { fileId: 'f', ...figures(0, 0, { BAD_LUCK: 1 }) };
    expect(outcomeSchema.safeParse({ batchId: 'b', files: [file], tables: {} }).success).toBe(false);
  });
});
