import * as z from 'zod';

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
