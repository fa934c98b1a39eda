import type { Presentation } from './answers';

/** Rows of a query, under the names of its columns in capitals. */
export type Query = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Contents of the warehouse. */
export interface WarehouseCounts {
  /** Rows of the external table of reviews. */
  readonly reviews: number;
  /** Presentation tables, and the products in them. */
  readonly tables: number;
  readonly products: number;
}

const DAYS = 120;

const presentationTables = async (query: Query, database: string): Promise<number> => {
  const [found] = await query(
    `select count(*) as "ROWS" from ${database}.information_schema.tables where table_schema = 'PRESENTATION'`,
  );
  return Number(found?.ROWS);
};

/** Counts the published reviews that the warehouse shows. */
export async function countWarehouse(query: Query, database: string): Promise<WarehouseCounts> {
  const count = await presentationTables(query, database);
  const [raw] = await query(`select count(*) as "ROWS" from ${database}.RAW.REVIEWS`);
  const [products] =
    count > 0 ? await query(`select count(*) as "ROWS" from ${database}.PRESENTATION.PRODUCT_SUMMARY`) : [];
  return { reviews: Number(raw?.ROWS), tables: count, products: Number(products?.ROWS ?? 0) };
}

const dayOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value)).slice(0, 10);

/**
 * Figures of the presentation tables: the products with the most reviews, ratings over time, reviews per day; empty if dbt has not
 * built them.
 */
export async function readPresentation(query: Query, database: string): Promise<Presentation> {
  if ((await presentationTables(query, database)) === 0) return { products: [], ratingTrend: [], volume: [] };
  const schema = `${database}.PRESENTATION`;
  const [products, months, days] = await Promise.all([
    query(`select coalesce(product_title, product_id) as product, source_name, review_count, average_rating
      from ${schema}.PRODUCT_SUMMARY order by review_count desc, product limit 10`),
    query(`select date_trunc('month', reviewed_on)::date as month_start, sum(rating_sum) / sum(rating_count) as average_rating,
        sum(review_count) as reviews
      from ${schema}.PRODUCT_DAILY group by 1 having sum(rating_count) > 0 order by 1 desc limit 60`),
    query(`select reviewed_on, sum(review_count) as reviews from ${schema}.PRODUCT_DAILY
      where reviewed_on is not null group by reviewed_on order by reviewed_on desc limit ${DAYS}`),
  ]);
  return {
    products: products.map((row) => ({
      product: String(row.PRODUCT),
      source: String(row.SOURCE_NAME),
      reviews: Number(row.REVIEW_COUNT),
      averageRating: row.AVERAGE_RATING === null ? null : Number(row.AVERAGE_RATING),
    })),
    ratingTrend: months
      .map((row) => ({
        month: dayOf(row.MONTH_START),
        averageRating: Number(row.AVERAGE_RATING),
        reviews: Number(row.REVIEWS),
      }))
      .reverse(),
    volume: days.map((row) => ({ day: dayOf(row.REVIEWED_ON), reviews: Number(row.REVIEWS) })).reverse(),
  };
}
