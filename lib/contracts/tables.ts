import * as z from 'zod';
import compactions from '../../contracts/tables/compactions.json';
import customers from '../../contracts/tables/customers.json';
import deletedReviews from '../../contracts/tables/deleted_reviews.json';
import fileEvents from '../../contracts/tables/file_events.json';
import products from '../../contracts/tables/products.json';
import rejectedRecords from '../../contracts/tables/rejected_records.json';
import reviewMedia from '../../contracts/tables/review_media.json';
import reviewResponses from '../../contracts/tables/review_responses.json';
import reviewTags from '../../contracts/tables/review_tags.json';
import reviewers from '../../contracts/tables/reviewers.json';
import reviews from '../../contracts/tables/reviews.json';
import supportCases from '../../contracts/tables/support_cases.json';

/** Names of the published tables. */
export const TABLE_NAMES = [
  'reviews',
  'products',
  'reviewers',
  'review_media',
  'review_responses',
  'review_tags',
  'customers',
  'support_cases',
  'deleted_reviews',
  'rejected_records',
  'file_events',
  'compactions',
] as const;
export type TableName = (typeof TABLE_NAMES)[number];

const SCALAR_TYPES = ['string', 'boolean', 'integer', 'long', 'double', 'date', 'timestamp', 'array<string>'] as const;

/** Type of a column. */
export const COLUMN_TYPE = z.union([z.enum(SCALAR_TYPES), z.templateLiteral(['decimal(', z.int(), ',', z.int(), ')'])]);

/** What personal data a column holds, if any. */
export const PII_CLASSES = ['none', 'direct', 'pseudonymous', 'free-text'] as const;
export type PiiClass = (typeof PII_CLASSES)[number];

const columnSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]*$/),
  type: COLUMN_TYPE,
  nullable: z.boolean(),
  description: z.string(),
  pii: z.enum(PII_CLASSES),
});

const tableSchema = z.strictObject({
  $schema: z.string().optional(),
  table: z.enum(TABLE_NAMES),
  description: z.string(),
  grain: z.string(),
  key: z.array(z.string()).min(1),
  partitions: z.array(z.enum(['ingest_date', 'batch_id'])),
  producer: z.enum(['flatten', 'register-and-record', 'compact']),
  columns: z.array(columnSchema).min(1),
});

/** A column of a published table, as `contracts/table.schema.json` defines it. */
export type Column = z.infer<typeof columnSchema>;
/** A published table, as `contracts/table.schema.json` defines it. */
export type TableContract = z.infer<typeof tableSchema>;

const documents: Record<TableName, unknown> = {
  reviews,
  products,
  reviewers,
  review_media: reviewMedia,
  review_responses: reviewResponses,
  review_tags: reviewTags,
  customers,
  support_cases: supportCases,
  deleted_reviews: deletedReviews,
  rejected_records: rejectedRecords,
  file_events: fileEvents,
  compactions,
};

/** Every published table by its name, checked. */
export const tables: Readonly<Record<TableName, TableContract>> = z
  .record(z.enum(TABLE_NAMES), tableSchema)
  .parse(documents);

/** The tables that the flatten job writes; functions and the compaction write the others. */
export const FLATTENED_TABLES: readonly TableName[] = TABLE_NAMES.filter((name) => tables[name].producer === 'flatten');

/** Columns that hold personal data, in the words of Snowflake's catalogue and with their class. */
export const personalColumns = Object.values(tables).flatMap(({ table, columns }) =>
  columns
    .filter(({ pii }) => pii !== 'none')
    .map(({ name, pii }) => ({ Table: table.toUpperCase(), Column: name.toUpperCase(), Class: pii })),
);
