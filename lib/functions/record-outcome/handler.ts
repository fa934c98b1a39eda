import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { jobRunKey, manifestKey, outcomeKey } from '../../contracts/object-keys';
import type { FileStatus } from '../../contracts/outcomes';
import { type Alert, type UnpublishedFile, unpublishedFilesAlert } from '../alerts/failure-alert';
import { countByStatus, type LedgerEntry, rejectedTotal } from '../ledger/entry';
import { publishFileEvents } from '../ledger/file-events';
import { executionSchema } from '../ledger/identity';
import { Ledger, type Transition } from '../ledger/ledger';
import { LedgerRows } from '../ledger/ledger-rows';
import { manifestSchema } from '../ledger/manifest';
import { MAX_FILES_AT_ONCE, mapConcurrently } from '../runtime/concurrency';
import { requiredEnvironment } from '../runtime/environment';
import { InvalidOutcomeError, LedgerConflictError, toFunctionError } from '../runtime/function-errors';
import { logger } from '../runtime/logging';
import { parseOrThrow } from '../runtime/parse';
import { findDocument, readDocument } from '../storage/documents';
import { withdrawReplaced } from '../storage/withdrawal';
import { countFiles, countJobRuns, type JobRuns } from './metrics';
import { type AccountedFile, accountForFiles, type Outcome, outcomeSchema, transitionFor } from './outcome';

/** What record-outcome is called with. */
export const recordOutcomeInputSchema = z.object({
  execution: executionSchema,
  /** `batch` of the output of Register files. */
  batch: z.object({ id: z.string(), ingestDate: z.iso.date(), manifest: z.string() }),
  /** Run time of each job; an execution that began before the definition named it has none. */
  jobSeconds: z.record(z.string(), z.number().nonnegative()).default({}),
});

/** Output of the state Record outcome (docs/architecture.md, "State machine"). */
export interface RecordOutcomeOutput {
  readonly batch: { readonly id: string; readonly ingestDate: string; readonly manifest: string };
  readonly records: {
    readonly read: number;
    readonly published: number;
    readonly rejected: number;
    readonly duplicates: number;
    /** Deletions of reviews, which are published as rows of `deleted_reviews`. */
    readonly deleted: number;
  };
  /** Files of the manifest by state. */
  readonly statuses: Readonly<Partial<Record<FileStatus, number>>>;
  readonly sources: readonly string[];
  /** Rows written, by table. */
  readonly tables: Outcome['tables'];
  /** What the people on call are told; only where files failed alone or were rejected whole. */
  readonly alert?: Alert;
}

/**
 * State after the jobs: takes their figures into the ledger, decides the state of every file, says what was published, and words the
 * alert where the jobs failed on some files alone, or could publish no record of them.
 *
 * Its event is `{"execution": {"arn", "startTime"}, "batch": {"id", "ingestDate", "manifest"}, "jobSeconds": {"clean", "flatten"}}`. It
 * may be retried.
 *
 * @throws InvalidOutcomeError where a file or a record is not accounted for; LedgerConflictError where a file is no longer this
 *   execution's; TransientServiceError where a retry helps
 */
export async function handler(event: unknown, context: Context): Promise<RecordOutcomeOutput> {
  logger.addContext(context);
  try {
    const { execution, batch, jobSeconds } = parseOrThrow(recordOutcomeInputSchema, event, 'event of record-outcome');
    const ledger = new Ledger(new LedgerRows(requiredEnvironment('LEDGER_TABLE')), execution);
    if (batch.id !== ledger.batchId) {
      throw new InvalidOutcomeError(
        `Batch ${batch.id} is not that of execution ${execution.arn}, which is ${ledger.batchId}.`,
      );
    }
    const output = await recordOutcome(batch, execution.arn, ledger, requiredEnvironment('PROCESSED_BUCKET'));
    countJobRuns({ seconds: jobSeconds, peakMemoryBytes: await peakMemoryBytes(batch.id, Object.keys(jobSeconds)) });
    return output;
  } catch (error) {
    logger.error('Recording the outcome failed', error as Error);
    throw toFunctionError(error);
  }
}

/** What the run of a job says of itself. */
const jobRunSchema = z.object({ peakMemoryBytes: z.int().positive() });

/** The most memory that the run of each job had, as the job itself says. */
async function peakMemoryBytes(batchId: string, jobs: readonly string[]): Promise<JobRuns['peakMemoryBytes']> {
  const bucket = requiredEnvironment('PROCESSED_BUCKET');
  const found = jobs.map(async (job) => {
    try {
      const run = await findDocument(jobRunSchema, bucket, jobRunKey(batchId, job));
      return [job, run?.peakMemoryBytes] as const;
    } catch (error) {
      // The outcome is recorded: a figure that is missing must not fail the execution.
      logger.warn('The memory of a job is not known', { job, error: error as Error });
      return [job, undefined] as const;
    }
  });
  return Object.fromEntries(await Promise.all(found));
}

async function recordOutcome(
  batch: RecordOutcomeOutput['batch'],
  executionArn: string,
  ledger: Ledger,
  processedBucket: string,
): Promise<RecordOutcomeOutput> {
  const manifest = await readDocument(manifestSchema, processedBucket, manifestKey(batch.id));
  const outcome = await readDocument(outcomeSchema, processedBucket, outcomeKey(batch.id));
  const files = accountForFiles(outcome, manifest).map(decided);

  if (manifest.replaces) assertReplaceable(files);
  const entries = await mapConcurrently(files, MAX_FILES_AT_ONCE, (file) => recordFile(file, ledger));
  // One object says both that this batch counts and that the replaced one does so no longer; what that one held is removed afterwards.
  await publishFileEvents(processedBucket, batch, 'outcome', entries, { batchRows: outcome.tables });
  if (manifest.replaces) await withdrawReplaced(processedBucket, manifest.replaces);

  countFiles(
    files.map(({ transition: { status }, ...file }) => ({ ...file, status })),
    new Date(),
  );

  const output = summarise(batch, files, outcome, entries);
  logger.info('Outcome recorded', { batchId: batch.id, records: output.records, statuses: output.statuses });
  const failed = withStatus(files, 'FAILED');
  const rejected = withStatus(files, 'REJECTED');
  return failed.length + rejected.length > 0
    ? { ...output, alert: unpublishedFilesAlert({ executionArn, batchId: batch.id, failed, rejected }) }
    : output;
}

/** @throws InvalidOutcomeError where the jobs have failed on a file alone that is published already: nothing of it would be left */
function assertReplaceable(files: readonly AccountedFile[]): void {
  const failed = files.find(({ failure }) => failure !== undefined);
  if (failed) {
    throw new InvalidOutcomeError(
      `File ${failed.file.fileId} is published already, and the jobs failed on it: ${failed.failure} What is published stays as it is.`,
    );
  }
}

/** A file of the manifest, and the state that it ends in. */
interface DecidedFile extends AccountedFile {
  readonly transition: Transition;
}

function decided(accounted: AccountedFile): DecidedFile {
  const { counts, failure, firstRejected } = accounted;
  return { ...accounted, transition: transitionFor(counts, failure, firstRejected) };
}

/** The files that end in a state, with what an alert says of them. */
function withStatus(files: readonly DecidedFile[], wanted: FileStatus): UnpublishedFile[] {
  return files.flatMap(({ file, transition: { status, detail = '' } }) =>
    status === wanted ? [{ key: file.key, why: detail }] : [],
  );
}

async function recordFile({ file, counts, transition }: DecidedFile, ledger: Ledger): Promise<LedgerEntry> {
  const entry = await ledger.recordOutcome(file, transition, counts);
  if (!entry) {
    throw new LedgerConflictError(
      `File ${file.fileId} no longer belongs to batch ${ledger.batchId}. Look in the ledger for the batch that has claimed it.`,
    );
  }
  return entry;
}

function summarise(
  batch: RecordOutcomeOutput['batch'],
  files: readonly AccountedFile[],
  outcome: Outcome,
  entries: readonly LedgerEntry[],
): RecordOutcomeOutput {
  const total = (figure: (counts: AccountedFile['counts']) => number) =>
    files.reduce((sum, { counts }) => sum + figure(counts), 0);
  return {
    batch,
    records: {
      read: total((counts) => counts.recordsRead),
      published: total((counts) => counts.published),
      rejected: total(rejectedTotal),
      duplicates: total((counts) => counts.duplicates),
      deleted: total((counts) => counts.deleted),
    },
    statuses: countByStatus(entries),
    sources: [...new Set(files.map(({ file }) => file.source))].sort(),
    tables: outcome.tables,
  };
}
