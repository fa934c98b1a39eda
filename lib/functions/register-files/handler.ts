import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import { type Batch, manifestKey, s3Uri, workPrefix } from '../../contracts/object-keys';
import type { FileReason, FileStatus } from '../../contracts/outcomes';
import { TABLES_PREFIX } from '../../contracts/prefixes';
import { countByStatus, type LedgerEntry, objectVersionOf } from '../ledger/entry';
import { publishFileEvents } from '../ledger/file-events';
import { batchOf, type Execution } from '../ledger/identity';
import { type Arrival, arrivalOfEntry, type Claiming, Ledger } from '../ledger/ledger';
import { LedgerRows } from '../ledger/ledger-rows';
import type { Manifest, ManifestFile } from '../ledger/manifest';
import { MAX_FILES_AT_ONCE, mapConcurrently } from '../runtime/concurrency';
import { requiredEnvironment } from '../runtime/environment';
import { LedgerConflictError, toFunctionError } from '../runtime/function-errors';
import { logger } from '../runtime/logging';
import { parseOrThrow } from '../runtime/parse';
import { s3 } from '../storage/s3';
import { arrivalsOf, claimingOf, registerFilesInputSchema, replacementOf } from './arrivals';
import { type Decision, decide } from './file-decision';
import { headObjectVersion, ObjectRefused } from './received-object';

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
  /** Object versions that another execution has claimed, or that `erase` will have claimed: nothing is done about them. */
  readonly alreadyRegistered: number;
}

/** An object version to claim, and how. */
interface Claim {
  readonly arrival: Arrival;
  readonly claiming: Claiming;
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
    const ledger = new Ledger(new LedgerRows(requiredEnvironment('LEDGER_TABLE')), execution);
    const claims = await claimsOf(input, ledger);
    return await registerFiles(execution, ledger, claims, requiredEnvironment('PROCESSED_BUCKET'));
  } catch (error) {
    logger.error('Registering failed', error as Error);
    throw toFunctionError(error);
  }
}

/** What the input of the execution wants to be claimed. */
async function claimsOf(input: unknown, ledger: Ledger): Promise<Claim[]> {
  const replacement = replacementOf(input);
  const { triggeredBy, again } = claimingOf(input);
  if (!replacement) {
    const arrivals = arrivalsOf(input, requiredEnvironment('RAW_BUCKET'));
    return arrivals.map((arrival) => ({ arrival, claiming: { triggeredBy, again } }));
  }
  // A retried task finds in its own batch what it claimed at the first try.
  const [own, replaced] = [await ledger.indexedEntries(), await ledger.indexedEntries(replacement.replace.batchId)];
  return [
    ...own.map((entry) => ({ arrival: arrivalOfEntry(entry), claiming: { triggeredBy } })),
    ...replaced
      .filter((entry) => entry.records_read !== undefined && entry.status !== 'FAILED')
      .map((entry) => ({ arrival: arrivalOfEntry(entry), claiming: { triggeredBy, replaced: entry } })),
  ];
}

/** A batch is replaced whole, or its rows would be published twice, or not at all. */
const changedMeanwhile = ({ file_id, batch_id }: LedgerEntry) =>
  new LedgerConflictError(
    `File ${file_id} left batch ${batch_id} while the batch was to be replaced. Look in the ledger for who holds it now.`,
  );

const notReplaceable = ({ file_id }: LedgerEntry, { status, reason }: Decision['transition']) =>
  new LedgerConflictError(
    `File ${file_id} is published, and processed again it would end as ${status}${reason ? ` (${reason})` : ''}. What is published stays as it is.`,
  );

async function registerFiles(
  execution: Execution,
  ledger: Ledger,
  claims: readonly Claim[],
  processedBucket: string,
): Promise<RegisterFilesOutput> {
  const batch = batchOf(execution);
  const claimed = await claimAndDecide(claims, ledger, { processedBucket, batchId: batch.id });
  const files = filesOf(claimed);
  if (files.length > 0) {
    await writeManifest(processedBucket, manifestOf(batch, execution, claimed, processedBucket));
  }
  // Only now: a file in PROCESSING is one that the manifest names.
  const decided = await recordDecisions(claimed, ledger);
  await publishFileEvents(processedBucket, batch, 'registered', [
    ...claimed.map(({ received }) => received),
    ...decided,
  ]);

  const output = summarise(batch, processedBucket, files, decided, claims.length - claimed.length);
  logger.info('Files registered', {
    batchId: batch.id,
    statuses: output.statuses,
    alreadyRegistered: output.alreadyRegistered,
  });
  return output;
}

async function claimAndDecide(
  claims: readonly Claim[],
  ledger: Ledger,
  workArea: { processedBucket: string; batchId: string },
): Promise<ClaimedFile[]> {
  const claimed = await mapConcurrently(claims, MAX_FILES_AT_ONCE, async ({ arrival, claiming }) => {
    const object = await headObjectVersion(arrival).catch(refusal);
    // `erase` starts executions of its own, so that versions of one batch come into one batch again.
    if (!claiming.triggeredBy && !(object instanceof ObjectRefused) && object.isStandIn) return undefined;
    const received = await ledger.claim(arrival, claiming);
    if (!received) {
      if (claiming.replaced) throw changedMeanwhile(claiming.replaced);
      return undefined;
    }
    const decision = await decide(arrival, object, ledger, workArea);
    if (received.replaces && !decision.file) throw notReplaceable(received, decision.transition);
    return { arrival, received, decision };
  });
  return claimed.filter((claim) => claim !== undefined);
}

/** A refusal as a result: it says something about the object. Throws any other error. */
function refusal(error: unknown): ObjectRefused {
  if (error instanceof ObjectRefused) return error;
  throw error;
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

/** What goes on to the jobs. */
const filesOf = (claimed: readonly ClaimedFile[]): ManifestFile[] =>
  claimed.flatMap(({ decision }) => decision.file ?? []);

function manifestOf(
  { id, ingestDate }: Batch,
  execution: Execution,
  claimed: readonly ClaimedFile[],
  processedBucket: string,
): Manifest {
  const replaces = claimed.find(({ received }) => received.replaces)?.received.replaces;
  return {
    manifestVersion: 1,
    batchId: id,
    ingestDate,
    // The start of the execution, not the time of writing: a retry must not change what the jobs make of the batch.
    ingestedAt: new Date(execution.startTime).toISOString(),
    executionArn: execution.arn,
    workUri: s3Uri(processedBucket, workPrefix(id)),
    tablesUri: s3Uri(processedBucket, TABLES_PREFIX),
    ...(replaces && { replaces: { id: replaces.batch_id, ingestDate: replaces.ingest_date } }),
    files: filesOf(claimed),
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
