import * as z from 'zod';
import { type S3Event, s3EventSchema } from '../../contracts/object-event';
import { executionSchema, fileId } from '../ledger/identity';
import type { Arrival } from '../ledger/ledger';
import { parseOrThrow } from '../runtime/parse';

/** Of an execution that an operator started: `triggeredBy` is all that is left of it in the file's history. */
const replaySchema = z.object({
  triggeredBy: z.enum(['replay', 'backfill', 'reconcile', 'erase']).optional(),
  /** Whether versions that ended at registration are taken, too. */
  again: z.boolean().default(false),
});

/** The operator's command that started an execution. */
export type Trigger = NonNullable<z.infer<typeof replaySchema>['triggeredBy']>;

/** An execution that processes all files of a batch again, and replaces what the batch has published. */
const replacementSchema = replaySchema.extend({ replace: z.object({ batchId: z.string().min(1) }) });
export type Replacement = z.infer<typeof replacementSchema>;

/** The batch that an execution replaces; undefined where its input announces object versions. */
export function replacementOf(input: unknown): Replacement | undefined {
  if (typeof input !== 'object' || input === null || !('replace' in input)) return undefined;
  return parseOrThrow(replacementSchema, input, 'input of the execution');
}

/** How the files of an input are claimed; an event of S3 says nothing of it. */
export const claimingOf = (input: unknown): z.infer<typeof replaySchema> =>
  parseOrThrow(replaySchema, typeof input === 'object' && !Array.isArray(input) ? input : {}, 'input of the execution');

/** What register-files is called with. */
export const registerFilesInputSchema = z.object({
  execution: executionSchema,
  /** The execution's input, untouched: one event, `{"events": [event, …]}` or `[event, …]`. */
  input: z.unknown(),
});

/** Which of the three forms an input has; its own errors are better than those of a union of all. */
function schemaFor(input: unknown): z.ZodType<S3Event[]> {
  if (Array.isArray(input)) {
    return z.array(s3EventSchema);
  }
  if (typeof input === 'object' && input !== null && 'events' in input) {
    return z.object({ events: z.array(s3EventSchema) }).transform(({ events }) => events);
  }
  return s3EventSchema.transform((event) => [event]);
}

function arrivalOf({ time, detail }: S3Event): Arrival {
  return {
    bucket: detail.bucket.name,
    key: detail.object.key,
    versionId: detail.object['version-id'],
    sizeBytes: detail.object.size,
    etag: detail.object.etag,
    arrivedAt: new Date(time).toISOString(),
  };
}

/**
 * The object versions that an execution's input announces, each once, in the order of the events.
 *
 * @param rawBucket the bucket that the events must be of
 * @throws InvalidInputError for an event that is malformed or of another bucket
 */
export function arrivalsOf(input: unknown, rawBucket: string): Arrival[] {
  const ofRawBucket = schemaFor(input).superRefine((events, context) => {
    const unexpected = events.find((event) => event.detail.bucket.name !== rawBucket);
    if (unexpected) {
      const name = unexpected.detail.bucket.name;
      context.addIssue(`an event is of the bucket ${name}, and the pipeline takes files from ${rawBucket} only`);
    }
  });
  const arrivals = parseOrThrow(ofRawBucket, input, 'input of the execution').map(arrivalOf);
  const byVersion = new Map<string, Arrival>();
  for (const arrival of arrivals) {
    const id = fileId(arrival);
    byVersion.set(id, byVersion.get(id) ?? arrival);
  }
  return [...byVersion.values()];
}
