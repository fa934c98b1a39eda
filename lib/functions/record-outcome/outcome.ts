import * as z from 'zod';
import { type FileReason, isReadable, outcomes } from '../../contracts/outcomes';
import { TABLE_NAMES } from '../../contracts/tables';
import { type RecordCounts, rejectedTotal } from '../ledger/entry';
import type { Transition } from '../ledger/ledger';
import type { Manifest, ManifestFile } from '../ledger/manifest';
import { InvalidOutcomeError } from '../runtime/function-errors';

const count = z.int().nonnegative();

const MAX_FAILURE_LENGTH = 500;

/** A failure as one short line, whatever the jobs wrote: it goes into a row of the ledger and a line of an alert. */
function asOneLine(failure: string): string {
  return failure.replaceAll(/\s+/g, ' ').slice(0, MAX_FAILURE_LENGTH);
}

const reason = z.string().refine((name) => isReadable(name) !== undefined, 'a reason of contracts/outcomes.json');

const firstRejectedSchema = z.record(
  reason,
  z.object({ record: z.int().positive(), detail: z.string().trim().min(1).transform(asOneLine).optional() }),
);
/** By reason: the number in the file of the first record rejected for it, and what was looked for and seen. */
export type FirstRejected = z.infer<typeof firstRejectedSchema>;

/** The jobs' figures (docs/architecture.md, "Outcomes"). */
export const outcomeSchema = z.object({
  batchId: z.string(),
  files: z.array(
    z.object({
      fileId: z.string(),
      recordsRead: count,
      published: count,
      duplicates: count,
      rejected: z.record(reason, count),
      firstRejected: firstRejectedSchema.default({}),
      /** One sentence: why the jobs failed on this file alone. Its figures are zeros then. */
      failure: z.string().trim().min(1).transform(asOneLine).optional(),
    }),
  ),
  tables: z.partialRecord(z.enum(TABLE_NAMES), count),
});
export type Outcome = z.infer<typeof outcomeSchema>;

/** A file of the manifest with its figures. */
export interface AccountedFile {
  readonly file: ManifestFile;
  readonly counts: RecordCounts;
  readonly firstRejected: FirstRejected;
  /** Why the jobs failed on this file alone; undefined where they did not. */
  readonly failure?: string | undefined;
}

/**
 * The figures of every file of the manifest, in its order.
 *
 * @throws InvalidOutcomeError if a file is missing, unknown or named twice, a record is unaccounted for, or a failed file has figures
 */
export function accountForFiles(outcome: Outcome, manifest: Manifest): AccountedFile[] {
  if (outcome.batchId !== manifest.batchId) {
    throw new InvalidOutcomeError(
      `The outcome is of batch ${outcome.batchId}, the manifest of batch ${manifest.batchId}.`,
    );
  }
  const figures = new Map(
    outcome.files.map(({ fileId, failure, firstRejected, ...counts }) => [fileId, { counts, firstRejected, failure }]),
  );
  const files = manifest.files.flatMap((file) => {
    const found = figures.get(file.fileId);
    return found ? [{ file, ...found }] : [];
  });
  // As many files on both sides, and every one of the manifest found: so none is unknown and none named twice.
  if (files.length !== manifest.files.length || outcome.files.length !== manifest.files.length) {
    const missing = manifest.files.map(({ fileId }) => fileId).filter((fileId) => !figures.has(fileId));
    throw new InvalidOutcomeError(
      `The outcome of batch ${outcome.batchId} lists ${outcome.files.length} files, the manifest ${manifest.files.length}; without figures: ${missing.slice(0, 3).join(', ') || 'none'}.`,
    );
  }
  for (const file of files) {
    assertAccounted(file);
  }
  return files;
}

function assertAccounted({ file: { fileId }, counts, failure }: AccountedFile): void {
  const rejected = rejectedTotal(counts);
  if (counts.recordsRead !== counts.published + counts.duplicates + rejected) {
    throw new InvalidOutcomeError(
      `File ${fileId}: ${counts.recordsRead} records read, but ${counts.published} published, ${counts.duplicates} duplicates and ${rejected} rejected. Look in the flatten job's log for the batch.`,
    );
  }
  if (failure !== undefined && counts.recordsRead > 0) {
    throw new InvalidOutcomeError(
      `File ${fileId}: failed alone, but ${counts.recordsRead} records read of it. Nothing of such a file may be published; look in the flatten job's log for the batch.`,
    );
  }
}

/** The state that a file ends in, by its figures, or by the jobs having failed on it alone; `firstRejected` explains it. */
export function transitionFor(counts: RecordCounts, failure?: string, firstRejected: FirstRejected = {}): Transition {
  const { status, reason } = decisionOn(counts, failure);
  return reason ? { status, reason, detail: failure ?? detailOf(reason, counts, firstRejected) } : { status };
}

/** By the one rule of the contract, which `validate` follows, too. */
function decisionOn(counts: RecordCounts, failure?: string) {
  const facts = {
    failed: failure !== undefined,
    anyRead: counts.recordsRead > 0,
    anyPublished: counts.published + counts.duplicates > 0,
    anyReadable: Object.entries(counts.rejected).some(([name, records]) => records > 0 && isReadable(name)),
  };
  const decided = outcomes.decisions.find(({ when }) =>
    Object.entries(when).every(([fact, value]) => facts[fact as keyof typeof facts] === value),
  );
  if (!decided) {
    throw new Error(
      'The last decision of contracts/outcomes.json has a condition; without one, every file ends in a state.',
    );
  }
  return decided;
}

function detailOf(reason: FileReason, counts: RecordCounts, firstRejected: FirstRejected): string {
  const reasons = reasonsOf(counts, firstRejected);
  switch (reason) {
    case 'NO_RECORD':
      return 'The file can be read and holds no record. If it should, ask the producer to put it again.';
    case 'NO_READABLE_RECORD':
      return `None of ${counts.recordsRead} records could be read: ${reasons}. rejected_records holds them. Correct the file and put it again.`;
    default:
      return `None of ${counts.recordsRead} records could be published: ${reasons}. rejected_records holds them. Correct the file, its folder or its contract, and put it again.`;
  }
}

/** Every reason with its count and what the first record shows, the most frequent first. */
function reasonsOf({ rejected }: RecordCounts, firstRejected: FirstRejected): string {
  return Object.entries(rejected)
    .filter(([, records]) => records > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, records]) => {
      const first = firstRejected[name];
      const seen = first?.detail ? `, ${first.detail}` : '';
      return `${name} ${records}${first ? ` (record ${first.record}${seen})` : ''}`;
    })
    .join('; ');
}
