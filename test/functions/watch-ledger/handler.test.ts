import { beforeEach, describe, expect, it, vi } from 'vitest';
import { handler } from '../../../lib/functions/watch-ledger/handler';
import { context, FakePipeline } from '../../support/pipeline';
import { REVIEW, register } from '../../support/recording';

describe('looking at the ledger for files that are on their way for too long', () => {
  let pipeline: FakePipeline;
  beforeEach(async () => {
    pipeline = new FakePipeline();
    vi.stubEnv('PROCESSING_MINUTES', '60');
    // One file is handed to the jobs, one ends at registration.
    await register([pipeline.receive('a.jsonl', REVIEW), pipeline.receive('empty', '')]);
    return () => vi.useRealTimers();
  });

  it('counts none while there is time', async () => {
    expect(await handler({}, context)).toEqual({ lingeringFiles: 0 });
  });

  it('counts a file that is PROCESSING after that, and none that has ended', async () => {
    vi.useFakeTimers({ now: Date.now() + 61 * 60_000, toFake: ['Date'] });
    expect(await handler({}, context)).toEqual({ lingeringFiles: 1 });
  });

  it('counts a file that was received and then forgotten', async () => {
    for (const row of pipeline.dynamoDb.rows.values()) {
      if (row.status !== 'PROCESSING') continue;
      Object.assign(row, { status: 'RECEIVED', status_shard: String(row.status_shard).replace(/^\w+/, 'RECEIVED') });
    }
    vi.useFakeTimers({ now: Date.now() + 61 * 60_000, toFake: ['Date'] });
    expect(await handler({}, context)).toEqual({ lingeringFiles: 1 });
  });
});
