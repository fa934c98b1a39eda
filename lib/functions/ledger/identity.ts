import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Batch } from '../../contracts/object-keys';

/** One version of one object: what the ledger keeps account of. */
export interface ObjectVersion {
  readonly bucket: string;
  /** The key as S3 has it: raw, not URL-encoded. */
  readonly key: string;
  readonly versionId: string;
}

/** The Step Functions execution on whose behalf a function runs. */
export const executionSchema = z.object({
  /** ARN of the execution (`$$.Execution.Id`). */
  arn: z.string().startsWith('arn:'),
  /** Start of the execution, ISO 8601 with zone (`$$.Execution.StartTime`). */
  startTime: z.iso.datetime({ offset: true }),
});
export type Execution = z.infer<typeof executionSchema>;

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Identity of an object version: 32 hexadecimal digits. */
export function fileId({ bucket, key, versionId }: ObjectVersion): string {
  return sha256(`${bucket}\n${key}\n${versionId}`).slice(0, 32);
}

/** The batch of an execution: the same for every task of the execution and every retry of a task. */
export function batchOf(execution: Execution): Batch {
  const start = new Date(execution.startTime).toISOString();
  const compactStart = `${start.slice(0, 19).replace(/[-:]/g, '')}Z`;
  return { id: `${compactStart}-${sha256(execution.arn).slice(0, 8)}`, ingestDate: start.slice(0, 10) };
}

/** When the execution of a batch started, to the second: its id begins with it. */
export function startOfBatch(batchId: string): Date {
  return new Date(batchId.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)-.*$/, '$1-$2-$3:$4:$5'));
}

/** Identity of a change of state: the same when a retried task reports it again. */
export function eventId(change: { fileId: string; batchId: string; attempt: number; status: string }): string {
  return sha256([change.fileId, change.batchId, change.attempt, change.status].join('\n'));
}
