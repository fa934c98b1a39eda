import * as z from 'zod';
import outcomesJson from '../../contracts/outcomes.json';

/** States of a file, in the order a file may pass through them. */
export const FILE_STATUSES = [
  'RECEIVED',
  'PROCESSING',
  'PUBLISHED',
  'EMPTY',
  'QUARANTINED',
  'REJECTED',
  'FAILED',
  'DUPLICATE',
  'ERASED',
] as const;

/** Codes why a file went no further. */
export const FILE_REASONS = [
  'NO_BYTES',
  'BLANK',
  'NO_RECORD',
  'VANISHED',
  'DELETE_MARKER',
  'ACCESS_DENIED',
  'UNKNOWN_SOURCE',
  'NOT_TEXT',
  'NO_READABLE_RECORD',
  'NO_PUBLISHABLE_RECORD',
  'SAME_CONTENT',
  'FILE_FAILED',
  'EXECUTION_FAILED',
  'EXECUTION_TIMED_OUT',
  'EXECUTION_ABORTED',
] as const;

export type FileStatus = (typeof FILE_STATUSES)[number];
export type FileReason = (typeof FILE_REASONS)[number];

const outcomesSchema = z.strictObject({
  description: z.string(),
  // A record over an enumeration is exhaustive: a status in the file but not above (or the reverse) is an error.
  fileStatuses: z.record(z.enum(FILE_STATUSES), z.strictObject({ terminal: z.boolean(), description: z.string() })),
  decisions: z.array(
    z.strictObject({
      when: z.partialRecord(z.enum(['failed', 'anyRead', 'anyPublished', 'anyReadable']), z.boolean()),
      status: z.enum(FILE_STATUSES),
      reason: z.enum(FILE_REASONS).optional(),
    }),
  ),
  fileReasons: z.record(z.enum(FILE_REASONS), z.string()),
  recordReasons: z.record(z.string(), z.strictObject({ readable: z.boolean(), description: z.string() })),
});

/** `contracts/outcomes.json`, checked. */
export const outcomes = outcomesSchema.parse(outcomesJson);

/** Whether a record rejected for `reason` could be read at all; undefined for a reason that the contract does not know. */
export function isReadable(reason: string): boolean | undefined {
  return outcomes.recordReasons[reason]?.readable;
}
