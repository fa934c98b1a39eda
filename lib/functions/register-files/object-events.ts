import * as z from 'zod';
import { executionSchema, fileId } from '../ledger/identity';
import type { Arrival } from '../ledger/ledger';
import { parseOrThrow } from '../runtime/parse';

/**
 * An event of S3 as EventBridge delivers it (Amazon S3 User Guide, "EventBridge event message structure"). The key is raw,
 * not URL-encoded. Size and ETag are absent where an object was deleted.
 */
export const s3EventSchema = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.enum(['Object Created', 'Object Deleted']),
  time: z.iso.datetime({ offset: true }),
  detail: z.object({
    bucket: z.object({ name: z.string().min(1) }),
    object: z.object({
      key: z
        .string()
        .min(1)
        .refine((key) => key.isWellFormed(), 'a key is valid Unicode'),
      'version-id': z.string('a version id is needed: is the raw bucket versioned?').min(1),
      size: z.int().nonnegative().optional(),
      etag: z.string().min(1).optional(),
    }),
  }),
});
export type S3Event = z.infer<typeof s3EventSchema>;

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
    const stranger = events.find((event) => event.detail.bucket.name !== rawBucket);
    if (stranger) {
      const name = stranger.detail.bucket.name;
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
