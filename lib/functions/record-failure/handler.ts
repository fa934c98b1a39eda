import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Context } from 'aws-lambda';
import { type Batch, manifestKey, s3Uri } from '../../contracts/object-keys';
import { type FailedExecution, failedExecutionOf } from '../alerts/failed-execution';
import { type Alert, failureAlert } from '../alerts/failure-alert';
import { type LedgerEntry, objectVersionOf } from '../ledger/entry';
import { publishFileEvents } from '../ledger/file-events';
import { batchOf, fileId, type ObjectVersion } from '../ledger/identity';
import { Ledger, restored } from '../ledger/ledger';
import { LedgerRows } from '../ledger/ledger-rows';
import { manifestSchema } from '../ledger/manifest';
import { clientDefaults } from '../runtime/aws';
import { MAX_FILES_AT_ONCE, mapConcurrently } from '../runtime/concurrency';
import { requiredEnvironment } from '../runtime/environment';
import { toFunctionError } from '../runtime/function-errors';
import { logger } from '../runtime/logging';
import { findDocument } from '../storage/documents';
import { withdrawBatch } from '../storage/withdrawal';
import { stopJobRuns } from './job-runs';

const KEYS_SHOWN = 20;

/** Output of the state Record failure (docs/architecture.md, "State machine"). */
export interface RecordFailureOutput {
  readonly batch: { readonly id: string };
  readonly failedFiles: number;
  /** Keys of the first 20 of them. */
  readonly files: readonly string[];
  readonly alert: Alert;
}

const sns = new SNSClient(clientDefaults);

/**
 * Ends the files of a failed execution: removes what the batch has published, marks every file FAILED, so that a new execution
 * with the same input takes them again, and writes the alert. A batch whose outcome is recorded stays published.
 *
 * Its event is that of the state machine's catch or an event "Step Functions Execution Status Change"; for the latter it sends the
 * alert itself, since the execution no longer can. It may be retried.
 */
export async function handler(event: unknown, context: Context): Promise<RecordFailureOutput> {
  logger.addContext(context);
  try {
    const failure = failedExecutionOf(event);
    const output = await recordFailure(failure, requiredEnvironment('PROCESSED_BUCKET'));
    if (!failure.alive) {
      await sendAlert(output.alert);
    }
    return output;
  } catch (error) {
    logger.error('Recording the failure failed', error as Error);
    throw toFunctionError(error);
  }
}

async function recordFailure(failure: FailedExecution, processedBucket: string): Promise<RecordFailureOutput> {
  const batch = batchOf(failure.execution);
  const ledger = new Ledger(new LedgerRows(requiredEnvironment('LEDGER_TABLE')), failure.execution);

  const entries = await entriesOfBatch(ledger, processedBucket);
  const failing = entriesToFail(entries);
  // Before the ledger says so: a file that is FAILED has nothing published, or a re-run would publish it twice.
  const removedObjects = failing.length > 0 ? await withdraw(processedBucket, batch, failure.execution.startTime) : 0;
  const failed = await markFailed(failing, ledger, failure);
  // Before the rows change hands: from then on a retry finds them no longer.
  await publishFileEvents(processedBucket, batch, 'failed', [
    ...failed,
    ...failed.flatMap((entry) => restored(entry) ?? []),
  ]);
  await mapConcurrently(failed, MAX_FILES_AT_ONCE, (entry) => ledger.restore(entry));

  const keys = failed.map((entry) => objectVersionOf(entry).key);
  const publishedFiles = failing.length > 0 ? 0 : entries.filter(({ status }) => status === 'PUBLISHED').length;
  const failedAlone = failing.length > 0 ? 0 : entries.filter(hasFailedAlone).length;
  const figures = { batchId: batch.id, failedFiles: failed.length, keys, publishedFiles, failedAlone, removedObjects };
  logger.info('Failure recorded', { batchId: batch.id, failedFiles: failed.length, publishedFiles, removedObjects });
  return {
    batch: { id: batch.id },
    failedFiles: failed.length,
    files: keys.slice(0, KEYS_SHOWN),
    alert: failureAlert(failure, figures),
  };
}

/** Ends what still works on the batch, then removes what it has published; returns how many objects that were. */
async function withdraw(processedBucket: string, batch: Batch, startTime: string): Promise<number> {
  const jobNames = [requiredEnvironment('CLEAN_JOB'), requiredEnvironment('FLATTEN_JOB')];
  await stopJobRuns(jobNames, { manifest: s3Uri(processedBucket, manifestKey(batch.id)), startTime });
  return withdrawBatch(processedBucket, batch);
}

/**
 * The rows of the batch, as they are now: of the files of the manifest, and of those in the ledger's index. Either alone falls
 * short: registering may have failed before it wrote the manifest, and the index lags behind the table.
 */
async function entriesOfBatch(ledger: Ledger, processedBucket: string): Promise<LedgerEntry[]> {
  const manifest = await findDocument(manifestSchema, processedBucket, manifestKey(ledger.batchId));
  const indexed = await ledger.indexedEntries();
  const versions: ObjectVersion[] = [...(manifest?.files ?? []), ...indexed.map(objectVersionOf)];
  const distinct = new Map(versions.map((version) => [fileId(version), version]));
  const entries = await mapConcurrently([...distinct.values()], MAX_FILES_AT_ONCE, (version) =>
    ledger.ownEntry(version),
  );
  return entries.filter((entry) => entry !== undefined);
}

/**
 * The files that fail with their execution: those that the jobs were working on, if any of them is without an outcome. What ended at
 * registration (empty, unreadable, duplicate) keeps its outcome. FAILED ones are of an earlier try to do this, unless FAILED is their
 * outcome.
 */
function entriesToFail(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const isUnfinished = (entry: LedgerEntry) =>
    ['RECEIVED', 'PROCESSING', 'FAILED'].includes(entry.status) && !hasFailedAlone(entry);
  const hasOutcome = ({ records_read }: LedgerEntry) => records_read !== undefined;
  return entries.some(isUnfinished) ? entries.filter((entry) => isUnfinished(entry) || hasOutcome(entry)) : [];
}

/** Whether a file is FAILED by its outcome: the jobs failed on it, and on no other. */
function hasFailedAlone({ status, reason }: LedgerEntry): boolean {
  return status === 'FAILED' && reason === 'FILE_FAILED';
}

async function markFailed(
  entries: readonly LedgerEntry[],
  ledger: Ledger,
  { reason, error, message }: FailedExecution,
): Promise<LedgerEntry[]> {
  const detail = `${error}${message && `: ${message}`}\nNext: correct the cause, then: npm run reviews -- replay --failed`;
  const marked = await mapConcurrently(entries, MAX_FILES_AT_ONCE, (entry) =>
    ledger.recordFailure(objectVersionOf(entry), { status: 'FAILED', reason, detail }),
  );
  // What another execution has claimed meanwhile is no longer this one's to fail.
  return marked.filter((entry) => entry !== undefined);
}

async function sendAlert({ subject, message }: Alert): Promise<void> {
  await sns.send(
    new PublishCommand({ TopicArn: requiredEnvironment('ALERT_TOPIC_ARN'), Subject: subject, Message: message }),
  );
}
