import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { type Batch, manifestKey, s3Uri, workPrefix } from '../../contracts/object-keys';
import type { FileReason, FileStatus } from '../../contracts/outcomes';
import { TABLES_PREFIX } from '../../contracts/prefixes';
import { countByStatus, type LedgerEntry, objectVersionOf } from '../ledger/entry';
import { publishFileEvents } from '../ledger/file-events';
import { batchOf, type Execution } from '../ledger/identity';
import { type Arrival, Ledger } from '../ledger/ledger';
import { LedgerRows } from '../ledger/ledger-rows';
import type { Manifest, ManifestFile } from '../ledger/manifest';
import { MAX_FILES_AT_ONCE, mapConcurrently } from '../runtime/concurrency';
import { requiredEnvironment } from '../runtime/environment';
import { LedgerConflictError, toFunctionError } from '../runtime/function-errors';
import { logger } from '../runtime/logging';
import { parseOrThrow } from '../runtime/parse';
import { s3 } from '../storage/s3';
import { arrivalsOf, registerFilesInputSchema } from './arrivals';
import { type Decision, decide } from './file-decision';

// The output goes into every later state's input, of 256 KiB at most; a key alone may take 6 KiB as JSON.
const FILES_SHOWN = 20;

/** Output of the state Register files (docs/architecture.md, "State machine"). */
export interface RegisterFilesOutput {
  readonly batch: Batch & {
    /** URI of the manifest; absent where no file goes on to the jobs. */
    readonly manifest?: string;
  };
  /** Files in the manifest. */
  readonly fileCount: number;
  readonly sources: readonly string[];
  /** The first 20 files that this execution claimed. */
  readonly files: readonly {
    readonly key: string;
    readonly versionId: string;
    readonly source?: string;
    readonly status: FileStatus;
    readonly reason?: FileReason;
  }[];
  /** Claimed files by state. */
  readonly statuses: Readonly<Partial<Record<FileStatus, number>>>;
  /** Object versions that another execution has claimed: nothing is done about them. */
  readonly alreadyRegistered: number;
}

/** A file that this execution has claimed, and what happens to it. */
interface ClaimedFile {
  readonly arrival: Arrival;
  readonly received: LedgerEntry;
  readonly decision: Decision;
}

/**
 * First state of the execution: claims every object version that the execution's input announces, decides what happens to it, copies
 * what is to be read to the work area, and writes the manifest.
 *
 * Its event is `{"execution": {"arn", "startTime"}, "input": <the execution's input, untouched>}`; see registerFilesInputSchema.
 * It may be retried: the same execution takes its own files again, into the same batch.
 *
 * @throws InvalidInputError for a malformed event; TransientServiceError where a retry helps
 */
export async function handler(event: unknown, context: Context): Promise<RegisterFilesOutput> {
  logger.addContext(context);
  try {
    const { execution, input } = parseOrThrow(registerFilesInputSchema, event, 'event of register-files');
    const arrivals = arrivalsOf(input, requiredEnvironment('RAW_BUCKET'));
    return await registerFiles(execution, arrivals, requiredEnvironment('PROCESSED_BUCKET'));
  } catch (error) {
    logger.error('Registering failed', error as Error);
    throw toFunctionError(error);
  }
}

async function registerFiles(
  execution: Execution,
  arrivals: readonly Arrival[],
  processedBucket: string,
): Promise<RegisterFilesOutput> {
  const batch = batchOf(execution);
  const ledger = new Ledger(new LedgerRows(requiredEnvironment('LEDGER_TABLE')), execution);

  const claimed = await claimAndDecide(arrivals, ledger, { processedBucket, batchId: batch.id });
  const files = claimed.flatMap(({ decision }) => decision.file ?? []);
  if (files.length > 0) {
    await writeManifest(processedBucket, manifestOf(batch, execution, files, processedBucket));
  }
  // Only now: a file in PROCESSING is one that the manifest names.
  const decided = await recordDecisions(claimed, ledger);
  await publishFileEvents(processedBucket, batch, 'registered', [
    ...claimed.map(({ received }) => received),
    ...decided,
  ]);

  const output = summarise(batch, processedBucket, files, decided, arrivals.length - claimed.length);
  logger.info('Files registered', {
    batchId: batch.id,
    statuses: output.statuses,
    alreadyRegistered: output.alreadyRegistered,
  });
  return output;
}

async function claimAndDecide(
  arrivals: readonly Arrival[],
  ledger: Ledger,
  workArea: { processedBucket: string; batchId: string },
): Promise<ClaimedFile[]> {
  const claims = await mapConcurrently(arrivals, MAX_FILES_AT_ONCE, async (arrival) => {
    const received = await ledger.claim(arrival);
    return received && { arrival, received, decision: await decide(arrival, ledger, workArea) };
  });
  return claims.filter((claim) => claim !== undefined);
}

async function recordDecisions(claimed: readonly ClaimedFile[], ledger: Ledger): Promise<LedgerEntry[]> {
  return mapConcurrently(claimed, MAX_FILES_AT_ONCE, async ({ arrival, received, decision }) => {
    const entry = await ledger.recordRegistration(arrival, decision.transition, decision.finding);
    if (!entry) {
      throw new LedgerConflictError(
        `File ${received.file_id} was taken from this execution while it was registered. Look in the ledger for who holds it now.`,
      );
    }
    return entry;
  });
}

function manifestOf(
  { id, ingestDate }: Batch,
  execution: Execution,
  files: ManifestFile[],
  processedBucket: string,
): Manifest {
  return {
    manifestVersion: 1,
    batchId: id,
    ingestDate,
    // The start of the execution, not the time of writing: a retry must not change what the jobs make of the batch.
    ingestedAt: new Date(execution.startTime).toISOString(),
    executionArn: execution.arn,
    workUri: s3Uri(processedBucket, workPrefix(id)),
    tablesUri: s3Uri(processedBucket, TABLES_PREFIX),
    files,
  };
}

async function writeManifest(bucket: string, manifest: Manifest): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: manifestKey(manifest.batchId),
      Body: JSON.stringify(manifest, undefined, 2),
      ContentType: 'application/json',
    }),
  );
}

function summarise(
  batch: Batch,
  processedBucket: string,
  files: readonly ManifestFile[],
  decided: readonly LedgerEntry[],
  alreadyRegistered: number,
): RegisterFilesOutput {
  return {
    batch: { ...batch, ...(files.length > 0 && { manifest: s3Uri(processedBucket, manifestKey(batch.id)) }) },
    fileCount: files.length,
    sources: [...new Set(files.map(({ source }) => source))].sort(),
    files: decided.slice(0, FILES_SHOWN).map((entry) => ({
      key: objectVersionOf(entry).key,
      versionId: entry.version_id,
      ...(entry.source && { source: entry.source }),
      status: entry.status,
      ...(entry.reason && { reason: entry.reason }),
    })),
    statuses: countByStatus(decided),
    alreadyRegistered,
  };
}
