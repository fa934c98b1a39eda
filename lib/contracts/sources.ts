import * as z from 'zod';
import { sourceDocuments } from './source-documents';

const pathSchema = z
  .union([z.string(), z.array(z.union([z.string(), z.int()])).min(1)])
  .transform((path) => (typeof path === 'string' ? [path] : path));

/** Formats of rows in binary, which the first bytes name and only the jobs read. */
const BINARY_FORMATS = ['avro', 'parquet'] as const;
export type BinaryFormat = (typeof BINARY_FORMATS)[number];
const formatSchema = z.enum(['json', 'csv', 'xml', ...BINARY_FORMATS]);

/** The format of a producer's files. */
export type RecordFormat = z.infer<typeof formatSchema>;

const csvSchema = z.looseObject({
  delimiter: z.string().length(1).default(','),
  quote: z.string().length(1).nullable().default('"'),
  names: z.array(z.string()).optional(),
  comment: z.string().length(1).optional(),
});

/**
 * What TypeScript reads of a source contract: how to know a file of this producer and where its records sit. The mapping of
 * the fields is the Glue jobs' business and passes through as it is; `contracts/source.schema.json` defines the whole.
 */
const sourceSchema = z.looseObject({
  source: z.string().regex(/^[a-z][a-z0-9-]*$/),
  description: z.string(),
  productsOf: z.string().optional(),
  records: z.enum(['reviews', 'customers', 'support_cases']).default('reviews'),
  format: formatSchema.default('json'),
  csv: csvSchema.prefault({}),
  syntax: z.enum(['json', 'python-dict']).default('json'),
  recognise: z.strictObject({
    all: z.array(pathSchema).min(1),
    types: z.record(z.string(), z.enum(['object', 'array', 'value'])).default({}),
    none: z.array(z.string()).default([]),
  }),
  expectations: z
    .strictObject({
      arrivesWithinHours: z.int().min(1).max(168).optional(),
      rejectedPercent: z.int().min(1).max(100).optional(),
    })
    .default({}),
  wrapper: z.strictObject({ paths: z.array(pathSchema).min(1), holds: z.enum(['array', 'map']) }).optional(),
});

/** How one producer's files are known and laid out. */
export type SourceContract = z.infer<typeof sourceSchema>;

/** Every source contract by its name, checked. */
export const sources: ReadonlyMap<string, SourceContract> = new Map(
  sourceDocuments.map((document) => {
    const { data, error } = sourceSchema.safeParse(document);
    if (!data) {
      const name = (document as { source?: unknown } | null)?.source;
      const [issue] = error.issues;
      throw new Error(
        `Source contract ${name}: ${issue?.path.join('.')}: ${issue?.message}. See: npm run reviews -- contract check`,
      );
    }
    return [data.source, data];
  }),
);
