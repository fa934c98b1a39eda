import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { FILE_STATUSES } from '../../../lib/contracts/outcomes';
import { statusShard, statusShards } from '../../../lib/contracts/status-index';
import { objectVersionOf } from '../../../lib/functions/ledger/entry';
import { fileId } from '../../../lib/functions/ledger/identity';
import { Ledger } from '../../../lib/functions/ledger/ledger';
import { LedgerRows } from '../../../lib/functions/ledger/ledger-rows';
import { execution, FakePipeline } from '../../support/pipeline';

const LONG_AGO = new Date(0);
const KEYS = Array.from({ length: 40 }, (_, number) => `reviews/${number}.jsonl`);

describe('the index by status', () => {
  let pipeline: FakePipeline;
  let rows: LedgerRows;
  let ledger: Ledger;
  beforeEach(async () => {
    pipeline = new FakePipeline();
    rows = new LedgerRows('ledger');
    ledger = new Ledger(rows, execution());
    for (const key of KEYS) {
      await ledger.claim({ bucket: 'raw', key, versionId: '1', arrivedAt: '2026-11-21T09:00:00.000Z' });
    }
  });

  const keysIn = async (status: (typeof FILE_STATUSES)[number]) =>
    (await rows.inStatus(status, '>=', LONG_AGO)).map((entry) => objectVersionOf(entry).key).sort();

  it('spreads the files of a burst over its parts, and is read whole', async () => {
    const shards = new Set([...pipeline.dynamoDb.rows.values()].map(({ status_shard }) => status_shard));
    expect(shards.size).toBeGreaterThan(4);
    expect(await keysIn('RECEIVED')).toEqual([...KEYS].sort());
  });

  it('shows a file in its newest state only', async () => {
    const version = { bucket: 'raw', key: KEYS[0] as string, versionId: '1' };
    await ledger.recordRegistration(version, { status: 'PROCESSING' }, {});
    expect(await keysIn('PROCESSING')).toEqual([KEYS[0]]);
    await ledger.recordFailure(version, { status: 'FAILED', reason: 'EXECUTION_FAILED' });
    expect(await keysIn('PROCESSING')).toEqual([]);
    expect(await keysIn('FAILED')).toEqual([KEYS[0]]);
    expect(await keysIn('RECEIVED')).toHaveLength(KEYS.length - 1);
  });

  it('tells what entered a state before a time', async () => {
    expect(await rows.inStatus('RECEIVED', '<', LONG_AGO)).toEqual([]);
    expect(await rows.inStatus('RECEIVED', '<', new Date(Date.now() + 60_000))).toHaveLength(KEYS.length);
  });

  it('has a part for every file, whatever it is called', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FILE_STATUSES), fc.string(), fc.string(), (status, key, versionId) => {
        expect(statusShards(status)).toContain(statusShard(status, fileId({ bucket: 'raw', key, versionId })));
      }),
    );
  });
});
