import * as z from 'zod';
import contract from '../../contracts/envelopes.json';

const pathSchema = z.array(z.string()).min(1);

/** What TypeScript reads of an envelope: its keys, and where it holds the record. `contracts/envelopes.schema.json` defines the whole. */
const envelopeSchema = z.looseObject({
  name: z.string(),
  keys: z.array(z.string()),
  anyOf: z.array(z.string()).optional(),
  optional: z.array(z.string()).default([]),
  /** Absent where the envelope's keys stand beside the record's. */
  record: pathSchema.optional(),
  notation: z.enum(['json', 'dynamodb']).default('json'),
});

/** What a loader, a queue or a database puts around a producer's record. */
export type Envelope = z.infer<typeof envelopeSchema>;

const parsed = z
  .looseObject({ records: z.array(envelopeSchema), documents: z.looseObject({ paths: z.array(pathSchema) }) })
  .parse(contract);

/** Every envelope around a single record, in the order in which they are tried. */
export const envelopes: readonly Envelope[] = parsed.records;

/** Where a document that no contract describes may hold its records. */
export const documentPaths: readonly (readonly string[])[] = parsed.documents.paths;
