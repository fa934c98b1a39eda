import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { JOB_METRICS, METRIC_DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../contracts/metrics';
import type { FileStatus } from '../../contracts/outcomes';
import { rejectedTotal } from '../ledger/entry';
import type { AccountedFile } from './outcome';

/** A file with the state that it ended in. */
export interface EndedFile extends Pick<AccountedFile, 'file' | 'counts'> {
  readonly status: FileStatus;
}

/** Values of one metric that one event may hold ("Specification: Embedded metric format", Amazon CloudWatch User Guide). */
const MAX_VALUES = 100;

const metrics = new Metrics({ namespace: METRICS_NAMESPACE });

/**
 * Counts the files of a batch, a set of metrics for each source, by lines of the function's log that CloudWatch reads. They say
 * nothing of a record's contents.
 *
 * @param endedAt when the files were published
 */
export function countFiles(files: readonly EndedFile[], endedAt: Date): void {
  for (const [source, ofSource] of Map.groupBy(files, ({ file }) => file.source))
    countSource(source, ofSource, endedAt);
}

/** What the runs of the jobs took, by job; the memory of one that did not say is not known. */
export interface JobRuns {
  readonly seconds: Readonly<Record<string, number>>;
  readonly peakMemoryBytes: Readonly<Record<string, number | undefined>>;
}

/** Counts the run time and the memory of each job of a batch. */
export function countJobRuns({ seconds, peakMemoryBytes }: JobRuns): void {
  for (const [job, value] of Object.entries(seconds)) {
    const bytes = peakMemoryBytes[job];
    metrics.addDimension(JOB_METRICS.dimension, job);
    metrics.addMetric(JOB_METRICS.seconds, MetricUnit.Seconds, value);
    if (bytes !== undefined) metrics.addMetric(JOB_METRICS.memory, MetricUnit.Bytes, bytes);
    metrics.publishStoredMetrics();
  }
}

function countSource(source: string, files: readonly EndedFile[], endedAt: Date): void {
  const total = (figure: (file: EndedFile) => number): number => files.reduce((sum, file) => sum + figure(file), 0);
  const published = files.filter(({ status }) => status === 'PUBLISHED');
  const read = total(({ counts }) => counts.recordsRead);
  const rejected = total(({ counts }) => rejectedTotal(counts));

  metrics.addDimension(METRIC_DIMENSIONS.source, source);
  metrics.addMetric(METRICS.files, MetricUnit.Count, files.length);
  metrics.addMetric(
    METRICS.failedFiles,
    MetricUnit.Count,
    files.filter(({ status }) => ['FAILED', 'REJECTED', 'QUARANTINED'].includes(status)).length,
  );
  metrics.addMetric(
    METRICS.bytes,
    MetricUnit.Bytes,
    total(({ file }) => file.sizeBytes),
  );
  metrics.addMetric(METRICS.read, MetricUnit.Count, read);
  metrics.addMetric(
    METRICS.published,
    MetricUnit.Count,
    total(({ counts }) => counts.published),
  );
  metrics.addMetric(
    METRICS.duplicates,
    MetricUnit.Count,
    total(({ counts }) => counts.duplicates),
  );
  metrics.addMetric(
    METRICS.deleted,
    MetricUnit.Count,
    total(({ counts }) => counts.deleted),
  );
  metrics.addMetric(METRICS.rejected, MetricUnit.Count, rejected);
  if (read > 0) metrics.addMetric(METRICS.rejectedPercent, MetricUnit.Percent, (100 * rejected) / read);
  // The slowest come first: where there are more than an event holds, those are the ones that matter.
  const seconds = published
    .map(({ file }) => (endedAt.getTime() - Date.parse(file.arrivedAt)) / 1000)
    .sort((one, other) => other - one);
  for (const value of seconds.slice(0, MAX_VALUES - 1)) {
    metrics.addMetric(METRICS.secondsToPublished, MetricUnit.Seconds, Math.max(0, value));
  }
  metrics.publishStoredMetrics();
}
