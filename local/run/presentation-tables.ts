import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { REGION } from '../platform/aws-clients';
import type { Platform } from '../platform/platform';
import { NAMES } from '../platform/snowflake-account';
import type { QueryResult, WarehouseSession } from '../platform/warehouse';
import { messagesIn } from './queue-depth';

/** The local AWS account that stands for Snowflake's own, and the queue that its external tables listen to. */
const SNOWFLAKE_ACCOUNT = '999999999999';
const CHANNEL = 'sf-snowpipe-local';

/** How long the external tables may take to show the last file (seconds). */
const MAX_REFRESH_SECONDS = 120;

/** Waits until the external tables show every published file, as with Snowflake's auto-refresh, which takes about a minute. */
export async function whenExternalTablesAreRefreshed({ endpoint }: Pick<Platform, 'endpoint'>): Promise<void> {
  const credentials = { accessKeyId: SNOWFLAKE_ACCOUNT, secretAccessKey: 'local' };
  const sqs = new SQSClient({ endpoint, region: REGION, credentials });
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: CHANNEL }));
  for (const deadline = Date.now() + MAX_REFRESH_SECONDS * 1000; Date.now() < deadline; ) {
    if ((await messagesIn(sqs, QueueUrl)) === 0) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(
    `The external tables did not show every file after ${MAX_REFRESH_SECONDS} s: messages are left in its queue ${CHANNEL}. Read server.log of the local Snowflake in the run's folder.`,
  );
}

async function presentationTableNames(session: WarehouseSession): Promise<string[]> {
  const { rows } = await session.query(
    `select table_name from ${NAMES.database}.information_schema.tables where table_schema = 'PRESENTATION' order by 1`,
  );
  return rows.map((row) => String(row.TABLE_NAME));
}

/** Rows of every presentation table. */
export async function countPresentationTables(session: WarehouseSession): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await presentationTableNames(session)) {
    const { rows } = await session.query(`select count(*) as "ROWS" from ${NAMES.database}.PRESENTATION.${name}`);
    counts[name.toLowerCase()] = Number(rows[0]?.ROWS);
  }
  return counts;
}

/** One of the products with the most reviews. */
export interface TopProduct {
  readonly product: string;
  readonly source: string;
  readonly reviews: number;
  readonly averageRating: number | null;
}

const TOP_PRODUCTS = `
  select coalesce(product_title, product_id) as product, source_name, review_count, average_rating
  from ${NAMES.database}.PRESENTATION.PRODUCT_SUMMARY
  order by review_count desc, product limit 5`;

/** The products with the most reviews. */
export async function topProducts(session: WarehouseSession): Promise<TopProduct[]> {
  const { rows } = await session.query(TOP_PRODUCTS);
  return rows.map(({ PRODUCT, SOURCE_NAME, REVIEW_COUNT, AVERAGE_RATING }) => ({
    product: String(PRODUCT),
    source: String(SOURCE_NAME),
    reviews: Number(REVIEW_COUNT),
    averageRating: AVERAGE_RATING === null ? null : Number(AVERAGE_RATING),
  }));
}

/** A column of a query's result as Parquet: numbers stay numbers, everything else is what Snowflake prints. */
function columnData({ rows }: QueryResult, name: string) {
  const values = rows.map((row) => row[name] ?? null);
  const present = values.filter((value) => value !== null);
  if (present.length > 0 && present.every((value) => typeof value === 'number')) {
    return { name: name.toLowerCase(), data: values, type: 'DOUBLE' as const, nullable: true };
  }
  if (present.length > 0 && present.every((value) => typeof value === 'boolean')) {
    return { name: name.toLowerCase(), data: values, type: 'BOOLEAN' as const, nullable: true };
  }
  const texts = values.map((value) =>
    value === null ? null : value instanceof Date ? value.toISOString() : String(value),
  );
  return { name: name.toLowerCase(), data: texts, type: 'STRING' as const, nullable: true };
}

/** Copies the presentation tables to `folder/<table>/` as Parquet. */
export async function exportPresentationTables(session: WarehouseSession, folder: string): Promise<void> {
  for (const table of await presentationTableNames(session)) {
    const result = await session.query(`select * from ${NAMES.database}.PRESENTATION.${table}`);
    const buffer = parquetWriteBuffer({ columnData: result.columns.map((name) => columnData(result, name)) });
    const target = join(folder, table.toLowerCase());
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'part-0.parquet'), new Uint8Array(buffer));
  }
}
