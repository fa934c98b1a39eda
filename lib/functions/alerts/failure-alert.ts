import { executionConsoleLink } from '../../contracts/console-link';
import type { FileStatus } from '../../contracts/outcomes';
import type { FailedExecution } from './failed-execution';

/** What is sent to the people on call. */
export interface Alert {
  /** One line of at most 100 ASCII characters. */
  readonly subject: string;
  /** Plain text of several lines. */
  readonly message: string;
}

/** What a failed execution has left behind. */
export interface FailureFigures {
  readonly batchId: string;
  /** Files of the execution that are FAILED now. */
  readonly failedFiles: number;
  /** Their keys in the raw bucket. */
  readonly keys: readonly string[];
  /** Files whose outcome was recorded before the failure; they stay published. */
  readonly publishedFiles: number;
  /** Files on which the jobs had failed alone before that; they stay FAILED. */
  readonly failedAlone: number;
  /** Objects of the published tables that were removed again. */
  readonly removedObjects: number;
}

// Amazon SNS API Reference, "Publish": subjects are ASCII, shorter than 100 characters, without line breaks.
const MAX_SUBJECT_LENGTH = 99;
const FILES_SHOWN = 10;

const NEW_EXECUTION = 'start a new execution with the same input (New execution, in the console)';
const EXACTLY_ONCE = 'Everything is published exactly once.';
/** For executions that had not claimed their files: the ledger does not know them as FAILED. */
const RUN_AGAIN = `fix the cause, then ${NEW_EXECUTION}. ${EXACTLY_ONCE}`;
const REPLAY_FAILED = `fix the cause, then: npm run reviews -- --env NAME replay --failed. Or ${NEW_EXECUTION}. ${EXACTLY_ONCE}`;
const PUT_AGAIN =
  'correct the REJECTED files and put them again; or correct their contract in contracts/sources, deploy, then: npm run reviews -- --env NAME replay --rejected.';

/**
 * Writes the alert of a failed execution for the person on call: what happened, to which files, where to look, what to do.
 *
 * Keys are quoted as JSON, because they may hold line breaks.
 */
export function failureAlert(failure: FailedExecution, figures: FailureFigures): Alert {
  const { arn } = failure.execution;
  const message = [
    headline(figures),
    '',
    `What happened: ${happening(failure)}`,
    ...(failure.message ? [`It says:       ${failure.message}`] : []),
    `Batch:         ${figures.batchId}`,
    `Files:         ${fileLine(figures)}`,
    ...fileLines(figures.keys.map(quoted), figures.failedFiles),
    ...(figures.failedAlone > 0 ? [`               ${files(figures.failedAlone)} had FAILED before, alone`] : []),
    `Execution:     ${arn}`,
    '',
    `Look:          ${consoleLink(arn)}`,
    `Then:          ${nextStep(figures)}`,
    'More:          docs/runbook.md, "An alert says that an execution failed"',
  ];
  return { subject: subjectOf(failure, figures), message: message.join('\n') };
}

/** Files of a batch of which nothing is published, though its execution goes on. */
export interface UnpublishedFiles {
  readonly executionArn: string;
  readonly batchId: string;
  /** Files on which the jobs failed alone. */
  readonly failed: readonly UnpublishedFile[];
  /** Files of which no record could be published. */
  readonly rejected: readonly UnpublishedFile[];
}

/** A file's key in the raw bucket, and in one line why nothing of it is published. */
export interface UnpublishedFile {
  readonly key: string;
  readonly why: string;
}

/** Words the alert of files that failed or were rejected whole, in an execution that goes on: which, why, where to look, what to do. */
export function unpublishedFilesAlert({ executionArn, batchId, failed, rejected }: UnpublishedFiles): Alert {
  const total = files(failed.length + rejected.length);
  const message = [
    `${total} of a batch could not be published; all others ended as usual.`,
    '',
    ...(failed.length > 0 ? ['What happened: the jobs failed on each of the FAILED files alone.'] : []),
    ...(rejected.length > 0 ? ['What happened: no record of the REJECTED files is what their contract asks for.'] : []),
    `Batch:         ${batchId}`,
    ...unpublishedLines('FAILED', failed),
    ...unpublishedLines('REJECTED', rejected),
    `Execution:     ${executionArn}`,
    '',
    `Look:          ${consoleLink(executionArn)}`,
    ...(failed.length > 0 ? [`Then:          ${REPLAY_FAILED}`] : []),
    ...(rejected.length > 0 ? [`Then:          ${PUT_AGAIN}`] : []),
    'More:          docs/runbook.md, "An alert says that files were not published"',
  ];
  return { subject: `Review intake: ${total} not published`, message: message.join('\n') };
}

function unpublishedLines(status: FileStatus, found: readonly UnpublishedFile[]): string[] {
  if (found.length === 0) return [];
  return [
    `Files:         ${found.length} ${status}, nothing of them is published`,
    ...fileLines(
      found.map(({ key, why }) => `${quoted(key)}: ${why}`),
      found.length,
    ),
  ];
}

function subjectOf({ error }: FailedExecution, { failedFiles }: FailureFigures): string {
  const subject = `Review intake failed${failedFiles > 0 ? `: ${files(failedFiles)} not published` : ''} (${error})`;
  return subject.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, MAX_SUBJECT_LENGTH);
}

function headline({ failedFiles, publishedFiles, failedAlone }: FailureFigures): string {
  if (failedFiles > 0) return `The review intake failed; ${files(failedFiles)} could not be published.`;
  if (publishedFiles > 0) {
    return 'The review intake failed after it had published its files: only their announcement is missing.';
  }
  return failedAlone > 0
    ? 'The review intake failed after it had recorded the outcome: nothing of its files is published.'
    : 'The review intake failed before it had claimed any file.';
}

function happening({ reason, error, state }: FailedExecution): string {
  switch (reason) {
    case 'EXECUTION_TIMED_OUT':
      return 'the execution ran longer than it may.';
    case 'EXECUTION_ABORTED':
      return 'the execution was stopped from outside.';
    case 'EXECUTION_FAILED':
      return `${state ? `the state "${state}"` : 'the execution'} failed with ${error}.`;
  }
}

function fileLine({ failedFiles, publishedFiles, removedObjects }: FailureFigures): string {
  if (failedFiles === 0) return publishedFiles > 0 ? `${files(publishedFiles)} published` : 'none';
  const removed = removedObjects > 0 ? `, ${removedObjects} objects already written were removed` : '';
  return `${failedFiles} FAILED, nothing of them is published${removed}`;
}

/** A line for each of the first files, and how many more there are. */
function fileLines(lines: readonly string[], total: number): string[] {
  const shown = lines.slice(0, FILES_SHOWN);
  const more = total - shown.length;
  return [...shown.map((line) => `  ${line}`), ...(more > 0 ? [`  … and ${more} more, in the ledger`] : [])];
}

function nextStep({ failedFiles, publishedFiles, failedAlone }: FailureFigures): string {
  if (failedFiles === 0 && publishedFiles > 0 && failedAlone === 0) {
    return 'nothing needs to be run again; the next scheduled build of the warehouse takes the files in.';
  }
  return failedFiles + failedAlone > 0 ? REPLAY_FAILED : RUN_AGAIN;
}

/** A key as one line, whatever it holds. */
function quoted(key: string): string {
  return JSON.stringify(key);
}

function consoleLink(executionArn: string): string {
  return executionConsoleLink(executionArn.split(':')[3] ?? '', executionArn);
}

function files(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
