import { join } from 'node:path';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientOptions } from '../../local/platform/aws-clients';
import type { FileResult } from '../../local/run/file-result';
import { countRows, exportTables } from '../../local/run/tables';
import { rowsOf } from './support/parquet';
import { ended, jsonLines, type RunningPlatform, review, runAgain, startRunning } from './support/running';

describe('versions of one object', () => {
  const KEY = 'reviews/native/day one.jsonl';
  const first = jsonLines([review('a'), review('b'), review('c')]);
  const changed = jsonLines([review('a', { rating: 1, updated_at: '2026-06-01T00:00:00Z' }), review('d')]);
  let running: RunningPlatform;
  let published: FileResult;

  beforeAll(async () => {
    running = await startRunning();
    published = await running.follow(await running.drop(KEY, first));
  });
  afterAll(() => running?.stop());

  const jobRuns = async (): Promise<number> => {
    const { endpoint, outputs } = running.platform;
    const glue = new GlueClient(clientOptions(endpoint));
    const runs = await Promise.all(
      [outputs.CleanJobName, outputs.FlattenJobName].map((JobName) => glue.send(new GetJobRunsCommand({ JobName }))),
    );
    return runs.reduce((sum, { JobRuns = [] }) => sum + JobRuns.length, 0);
  };

  it('publishes the first version', () => {
    expect(published).toMatchObject({
      status: 'PUBLISHED',
      recordsRead: 3,
      published: 3,
      executionStatus: 'SUCCEEDED',
    });
  });

  it('publishes once when the same event comes twice', async () => {
    const before = await jobRuns();
    const again = await ended(running.platform, await runAgain(running.platform, published.executionArn as string));
    expect(again.status).toBe('SUCCEEDED');
    expect(JSON.parse(again.output ?? '')).toMatchObject({ fileCount: 0, alreadyRegistered: 1 });
    expect(await jobRuns()).toBe(before);
    expect((await countRows(running.platform)).reviews).toBe(3);
  });

  it('ends the same bytes under the same key as DUPLICATE, starts no job and says so', async () => {
    const before = await jobRuns();
    const same = await running.follow(await running.drop(KEY, first));
    expect(same).toMatchObject({ status: 'DUPLICATE', published: 0, executionStatus: 'SUCCEEDED' });
    expect(same.reason).toMatch(/already published/i);
    expect(await jobRuns()).toBe(before);
    expect((await countRows(running.platform)).reviews).toBe(3);
  });

  it('processes a changed second version as a file of its own', async () => {
    const second = await running.follow(await running.drop(KEY, changed));
    expect(second).toMatchObject({ status: 'PUBLISHED', recordsRead: 2, published: 2 });
    const folder = join(running.folder, 'tables');
    await exportTables(running.platform, folder);
    const reviews = await rowsOf<{ review_id: string; file_id: string }>(folder, 'reviews');
    expect(reviews.map(({ review_id }) => review_id).sort()).toEqual(['a', 'a', 'b', 'c', 'd']);
    expect(new Set(reviews.map(({ file_id }) => file_id)).size).toBe(2);
  });
});
