import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../../../local/paths';

/** Public review files with known figures; they hold real people's names and are not part of the project. */
export const REVIEW_FILES = process.env.REVIEW_FILES ?? join(ROOT, '..', 'shared', 'reviews');

export const reviewFilesExist = (): boolean => existsSync(REVIEW_FILES);

/** A review as far as a product's figures depend on it, read without any of the pipeline's own code. */
export interface KnownReview {
  readonly source: string;
  readonly product: string;
  /** What tells it from every other review of its source. */
  readonly identity: string;
  /** Of two versions the one with the greater time counts, on a tie the later one (milliseconds since the epoch). */
  readonly time: number;
  readonly rating: number | null;
  readonly recommended: boolean | null;
  /** The record as its producer wrote it. */
  readonly record: Readonly<Record<string, unknown>>;
}

type Read = (record: Record<string, unknown>, file: string) => KnownReview;

const amazon = (record: KnownReview['record']): KnownReview => ({
  source: 'amazon-2018',
  product: String(record.asin),
  identity: [record.reviewerID, record.asin, record.unixReviewTime].join('\n'),
  time: Number(record.unixReviewTime) * 1000,
  rating: Number(record.overall),
  recommended: null,
  record,
});

const steamCommunity: Read = (record) => ({
  source: 'steam-community',
  product: /\/recommended\/(\d+)/.exec(String(record.review_url))?.[1] ?? '',
  identity: String(record.review_url),
  // The crawl holds no two versions of a review: only crawl fields differ.
  time: 0,
  rating: null,
  recommended: record.rating === 'Recommended',
  record,
});

const steamApi: Read = (record, file) => ({
  source: 'steam-api',
  product: /review_(\d+)/.exec(file)?.[1] ?? '',
  identity: String(record.recommendationid),
  time: Number(record.timestamp_updated) * 1000,
  rating: null,
  recommended: record.voted_up === true,
  record,
});

/** A review of the pipeline's own format. */
export const native = (record: KnownReview['record']): KnownReview => ({
  source: 'native',
  product: (record.product as { product_id: string }).product_id,
  identity: String(record.review_id),
  time: Date.parse(String(record.updated_at ?? record.created_at)),
  rating: Number(record.rating),
  recommended: null,
  record,
});

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

/** Pretty-printed objects one after the other: only a whole object's brace stands at the start of a line. */
const objects = (text: string): Record<string, unknown>[] =>
  text
    .split(/(?<=^\})\s*$/m)
    .filter((object) => object.trim() !== '')
    .map((object) => JSON.parse(object));

const mapOfReviews = (text: string): Record<string, unknown>[] => Object.values(JSON.parse(text).reviews);

/** Every public review, in the order of its file. */
export function publicReviews(): { path: string; reviews: KnownReview[] }[] {
  const read = (name: string, split: (text: string) => Record<string, unknown>[], as: Read) => {
    const path = join(REVIEW_FILES, name);
    return { path, reviews: split(textOf(path)).map((record) => as(record, basename(path))) };
  };
  return [
    read('amazon2018_gift_cards_5.json.gz', lines, amazon),
    read('amazon2018_fashion_5.json', objects, amazon),
    read('steam_football_manager_2015.jsonl', lines, steamCommunity),
    ...readdirSync(join(REVIEW_FILES, 'steam_api')).map((name) =>
      read(join('steam_api', name), mapOfReviews, steamApi),
    ),
  ];
}

/** The newest version of every review. */
export function newest(reviews: readonly KnownReview[]): KnownReview[] {
  const kept = new Map<string, KnownReview>();
  for (const review of reviews) {
    const key = `${review.source}\n${review.identity}`;
    const before = kept.get(key);
    if (!before || review.time >= before.time) kept.set(key, review);
  }
  return [...kept.values()];
}

/** A later version of a review, with the opposite rating. */
export function revised(review: KnownReview): KnownReview {
  const rating = 6 - Number(review.rating);
  if (review.source === 'native') return native({ ...review.record, rating, updated_at: '2026-11-01T00:00:00Z' });
  // Without a time of its last change the version that came last counts.
  return amazon({ ...review.record, overall: rating });
}

/** What a product's row in `product_summary` must say. */
export interface ProductFigures {
  readonly reviews: number;
  readonly ratings: number;
  readonly average: number | null;
  readonly recommendedShare: number | null;
  /** Of four stars or more, or with a thumb up, among those with stars or thumb. */
  readonly positiveShare: number | null;
}

/** Figures of every product, by `<source>/<product id>`. */
export function figuresByProduct(reviews: readonly KnownReview[]): Map<string, ProductFigures> {
  const mean = (values: readonly number[]): number | null =>
    values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  const products = Map.groupBy(newest(reviews), ({ source, product }) => `${source}/${product}`);
  return new Map(
    [...products].map(([product, of]) => {
      const ratings = of.flatMap(({ rating }) => (rating === null ? [] : [rating]));
      const thumbs = of.flatMap(({ recommended }) => (recommended === null ? [] : [Number(recommended)]));
      const opinions = [...ratings.map((rating) => Number(rating >= 4)), ...thumbs];
      return [
        product,
        {
          reviews: of.length,
          ratings: ratings.length,
          average: mean(ratings),
          recommendedShare: mean(thumbs),
          positiveShare: mean(opinions),
        },
      ];
    }),
  );
}
