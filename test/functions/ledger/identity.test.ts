import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { objectVersionOf, primaryKey } from '../../../lib/functions/ledger/entry';
import { batchOf, eventId, fileId } from '../../../lib/functions/ledger/identity';
import { execution } from '../../support/pipeline';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the identities in the ledger', () => {
  it('of a file are the start of a hash of bucket, key and version', () => {
    const version = { bucket: 'raw', key: 'reviews/ünï\n', versionId: 'v1' };
    expect(fileId(version)).toBe(sha256('raw\nreviews/ünï\n\nv1').slice(0, 32));
  });

  it('of a batch are start and ARN of the execution, in UTC', () => {
    const { arn } = execution();
    expect(batchOf({ arn, startTime: '2026-11-21T00:30:00.999+01:00' })).toEqual({
      id: `20261120T233000Z-${sha256(arn).slice(0, 8)}`,
      ingestDate: '2026-11-20',
    });
  });

  it('of a change of state tell attempts apart', () => {
    const change = { fileId: 'f', batchId: 'b', attempt: 1, status: 'FAILED' };
    expect(eventId(change)).toBe(sha256('f\nb\n1\nFAILED'));
    expect(eventId({ ...change, attempt: 2 })).not.toBe(eventId(change));
  });

  it('of an object come back from its row, slashes and all', () => {
    const version = { bucket: 'raw', key: '/reviews//a/b', versionId: 'v1' };
    expect(objectVersionOf(primaryKey(version))).toEqual(version);
  });
});
