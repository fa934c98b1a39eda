import { orchestrationContract } from './orchestration';

/** Namespace in CloudWatch of what the functions and the DAG count. */
export const METRICS_NAMESPACE = orchestrationContract.metricsNamespace;

/** Dimensions of every metric: first part of the environment's names (`reviews-prod`), and the source contract. */
export const METRIC_DIMENSIONS = {
  environment: orchestrationContract.environmentDimension,
  source: orchestrationContract.sourceDimension,
} as const;

/** The jobs that a batch passes, as the history of an execution calls their results. */
export const JOBS = ['clean', 'flatten'] as const;

/** How long a run of a job took (seconds), how much memory it had (bytes), and their dimension beside the environment. */
export const JOB_METRICS = { seconds: 'JobRunSeconds', memory: 'JobPeakMemoryBytes', dimension: 'job' } as const;

/** Metrics of a stream, and their dimension beside the environment (`glue-scripts/reviews/stream/figures.py`). */
export const STREAM_METRICS = {
  messages: 'StreamMessages',
  deadLetters: 'StreamDeadLetters',
  lag: 'StreamLagMessages',
  dimension: 'stream',
} as const;

/** Metrics of the files of a batch, a value for each source; times are a value for each file. */
export const METRICS = {
  files: 'FilesProcessed',
  failedFiles: 'FilesNotPublished',
  bytes: 'BytesProcessed',
  read: 'RecordsRead',
  published: 'RecordsPublished',
  duplicates: 'RecordsDuplicate',
  deleted: 'RecordsDeleted',
  rejected: 'RecordsRejected',
  rejectedPercent: 'RecordsRejectedPercent',
  secondsToPublished: 'ArrivalToPublishedSeconds',
} as const;
