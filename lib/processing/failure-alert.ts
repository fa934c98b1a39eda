import type { FailedExecution } from './recording/failed-execution';

/** An alert for the person on call. */
export interface Alert {
  /** At most 100 characters of ASCII, as SNS takes it. */
  readonly subject: string;
  readonly message: string;
}

/** What has been done about the files of a failed execution. */
export interface FailureFigures {
  readonly batchId: string;
  /** Files that are FAILED now. */
  readonly failedFiles: number;
  /** Keys of the first of them. */
  readonly keys: readonly string[];
  /** Files of the batch that stay published: the execution failed after its outcome was recorded. */
  readonly publishedFiles: number;
  /** Objects under `tables/` that were removed. */
  readonly removedObjects: number;
}

const LONGEST_SUBJECT = 100;
const KEYS_SHOWN = 5;

const WHAT_HAPPENED: Readonly<Record<FailedExecution['reason'], string>> = {
  EXECUTION_FAILED: 'failed',
  EXECUTION_TIMED_OUT: 'ran out of time',
  EXECUTION_ABORTED: 'was stopped',
};

/** Words for the alert on a failed execution: what failed, what became of its files, and what to do. */
export function failureAlert(failure: FailedExecution, figures: FailureFigures): Alert {
  const happened = WHAT_HAPPENED[failure.reason];
  const files = figures.failedFiles === 1 ? '1 file' : `${figures.failedFiles} files`;
  const message = [
    `Review intake ${happened}: ${failure.error}`,
    ...(failure.message ? [failure.message] : []),
    '',
    `Execution: ${failure.execution.arn}`,
    `Batch: ${figures.batchId}`,
    `Files failed: ${figures.failedFiles}`,
    ...figures.keys.slice(0, KEYS_SHOWN).map((key) => `  ${key}`),
    ...(figures.failedFiles > KEYS_SHOWN ? [`  and ${figures.failedFiles - KEYS_SHOWN} more`] : []),
    ...(figures.removedObjects > 0 ? [`Unfinished output removed: ${figures.removedObjects} objects`] : []),
    '',
    nextStep(failure, figures),
  ].join('\n');
  return { subject: `Review intake ${happened}: ${files} (${figures.batchId})`.slice(0, LONGEST_SUBJECT), message };
}

function nextStep(failure: FailedExecution, { failedFiles, publishedFiles }: FailureFigures): string {
  if (failedFiles > 0) {
    return 'Next: correct the cause, then start a new execution with the same input. It publishes every file exactly once.';
  }
  if (publishedFiles > 0) {
    return `Next: nothing is lost. ${publishedFiles} files are published and stay so; only the announcement is missing. Start the warehouse build by hand, or wait for its next run.`;
  }
  if (failure.error === 'InvalidInputError') {
    return 'Next: no file was claimed. Correct the input of the execution and start a new one.';
  }
  return 'Next: no file was claimed. Correct the cause, then start a new execution with the same input.';
}
