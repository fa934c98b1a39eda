import { afterEach, describe, expect, it, vi } from 'vitest';
import { JOB_METRICS, METRICS, METRICS_NAMESPACE } from '../../../lib/contracts/metrics';
import type { ManifestFile } from '../../../lib/functions/ledger/manifest';
import { handler } from '../../../lib/functions/record-outcome/handler';
import { countFiles, countJobRuns, type EndedFile } from '../../../lib/functions/record-outcome/metrics';
import { context, execution, FakePipeline } from '../../support/pipeline';
import { BATCH, REVIEW, register, runJobs } from '../../support/recording';

const ENDED_AT = new Date('2026-11-26T10:01:00Z');

const file = (source: string, over: Partial<EndedFile> = {}, arrivedAt = '2026-11-26T10:00:00Z'): EndedFile => ({
  file: { source, sizeBytes: 1000, arrivedAt, key: `reviews/${source}/somebody's name.json` } as ManifestFile,
  counts: { recordsRead: 10, published: 7, deleted: 0, duplicates: 1, rejected: { RATING_INVALID: 1, MISSING_ID: 1 } },
  status: 'PUBLISHED',
  ...over,
});

/** The events that the function has written in embedded metric format. */
function counted(files: readonly EndedFile[]): Record<string, unknown>[] {
  return writtenBy(() => countFiles(files, ENDED_AT));
}

function writtenBy(count: () => void): Record<string, unknown>[] {
  // Powertools writes past the console that a test could watch.
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  count();
  return written.mock.calls.map(([line]) => JSON.parse(String(line)));
}

afterEach(() => vi.restoreAllMocks());

describe('the run time and the memory of the jobs', () => {
  it('is one event in embedded metric format for each job, under the dimensions that its alarm watches', () => {
    const events = writtenBy(() =>
      countJobRuns({ seconds: { clean: 61, flatten: 0 }, peakMemoryBytes: { clean: 7, flatten: undefined } }),
    );
    expect(
      events.map(({ job, [JOB_METRICS.seconds]: seconds, [JOB_METRICS.memory]: bytes }) => [job, seconds, bytes]),
    ).toEqual([
      ['clean', 61, 7],
      ['flatten', 0, undefined],
    ]);
    for (const event of events) {
      expect(event).toMatchObject({
        _aws: {
          CloudWatchMetrics: [{ Namespace: METRICS_NAMESPACE, Dimensions: [['service', JOB_METRICS.dimension]] }],
        },
      });
    }
  });
});

describe('the memory of the jobs', () => {
  it('is what each has left beside its outcome, and what cannot be read fails nothing', async () => {
    const pipeline = new FakePipeline();
    const received = pipeline.receive('good.jsonl', REVIEW);
    await register([received]);
    runJobs(pipeline, [[received, { recordsRead: 1, published: 1, duplicates: 0, rejected: {} }]]);
    pipeline.putDocument(`work/batch=${BATCH.id}/clean-run.json`, { peakMemoryBytes: 123_456_789 });
    pipeline.putDocument(`work/batch=${BATCH.id}/flatten-run.json`, { peakMemoryBytes: 'much' });
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const manifest = `s3://processed/work/batch=${BATCH.id}/manifest.json`;
    const jobSeconds = { clean: 3, flatten: 2 };
    await handler({ execution: execution(), batch: { ...BATCH, manifest }, jobSeconds }, context);
    const events = written.mock.calls.map(([line]) => JSON.parse(String(line))).filter(({ job }) => job);
    expect(events.map(({ job, [JOB_METRICS.memory]: bytes }) => [job, bytes])).toEqual([
      ['clean', 123_456_789],
      ['flatten', undefined],
    ]);
  });
});

describe('the metrics of a batch', () => {
  it('are one event in embedded metric format for each source', () => {
    const events = counted([file('yelp'), file('yelp'), file('native', { status: 'QUARANTINED' })]);
    expect(events.map(({ source }) => source)).toEqual(['yelp', 'native']);
    expect(events[0]).toMatchObject({
      [METRICS.files]: 2,
      [METRICS.failedFiles]: 0,
      [METRICS.bytes]: 2000,
      [METRICS.read]: 20,
      [METRICS.published]: 14,
      [METRICS.duplicates]: 2,
      [METRICS.rejected]: 4,
      [METRICS.rejectedPercent]: 20,
      [METRICS.secondsToPublished]: [60, 60],
    });
    expect(events[1]).toMatchObject({ [METRICS.files]: 1, [METRICS.failedFiles]: 1 });
    expect(events[1]).not.toHaveProperty(METRICS.secondsToPublished);
  });

  it('have environment and source as their dimensions, and nothing that a producer has named', () => {
    const [event] = counted([file('yelp')]);
    expect(event).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Namespace: METRICS_NAMESPACE, Dimensions: [['service', 'source']] }] },
    });
    expect(JSON.stringify(event)).not.toContain('somebody');
  });

  it('say nothing of a share where nothing was read', () => {
    const hollow = { recordsRead: 0, published: 0, deleted: 0, duplicates: 0, rejected: {} };
    expect(counted([file('yelp', { counts: hollow, status: 'EMPTY' })])[0]).not.toHaveProperty(METRICS.rejectedPercent);
  });

  it('keep the slowest of many files, in one event', () => {
    const files = Array.from({ length: 250 }, (_, index) =>
      file('yelp', {}, new Date(ENDED_AT.getTime() - (index + 1) * 1000).toISOString()),
    );
    const events = counted(files);
    expect(events).toHaveLength(1);
    const seconds = events[0]?.[METRICS.secondsToPublished] as number[];
    expect(seconds.length).toBeLessThanOrEqual(100);
    expect(Math.max(...seconds)).toBe(250);
  });
});
