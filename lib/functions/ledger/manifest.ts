import * as z from 'zod';

/** A file of a batch, as the jobs read it (docs/architecture.md, "Manifest"). Times are ISO 8601, UTC. */
const manifestFileSchema = z.object({
  fileId: z.string(),
  bucket: z.string(),
  key: z.string(),
  versionId: z.string(),
  sizeBytes: z.int().nonnegative(),
  etag: z.string(),
  arrivedAt: z.iso.datetime(),
  source: z.string(),
  uri: z.string().startsWith('s3://'),
  compression: z.enum(['none', 'gzip', 'zstd', 'bzip2']),
  /** What the file is under its compression; absent where it is text. */
  archive: z.enum(['tar', 'zip']).optional(),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be']),
  layout: z.enum(['lines', 'array', 'concatenated', 'wrapped', 'any', 'csv', 'avro', 'parquet', 'xml']),
  /** Of a wrapped file that its contract does not describe. */
  wrapper: z
    .object({ path: z.array(z.string()).readonly(), holds: z.enum(['array', 'map', 'columns', 'split']) })
    .optional(),
  cutOff: z.boolean(),
});
export type ManifestFile = z.infer<typeof manifestFileSchema>;

/** The list of a batch's files that register-files hands to the jobs. */
export const manifestSchema = z.object({
  manifestVersion: z.literal(1),
  batchId: z.string(),
  ingestDate: z.iso.date(),
  ingestedAt: z.iso.datetime(),
  executionArn: z.string(),
  workUri: z.string(),
  tablesUri: z.string(),
  /** Batch of the same files whose outcome this one replaces. */
  replaces: z.object({ id: z.string(), ingestDate: z.iso.date() }).optional(),
  files: z.array(manifestFileSchema).min(1),
});
export type Manifest = z.infer<typeof manifestSchema>;
