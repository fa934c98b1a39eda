import { createHash } from 'node:crypto';
import type { KnownReview } from '../known-reviews';

/** A row of a mart: numbers, texts, dates as `yyyy-mm-dd`, null. */
export type Row = Readonly<Record<string, unknown>>;

export const DAY = 86_400_000;

/** Half of the last place goes away from zero, as a NUMBER of Snowflake is rounded. */
export function rounded(figure: number | null, places = 4): number | null {
  if (figure === null) return null;
  const scale = 10 ** places;
  return (Math.sign(figure) * Math.round(Math.abs(figure) * scale)) / scale + 0;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Quotient to four decimals; null without a denominator. */
export const ratio = (numerator: number, denominator: number): number | null =>
  denominator === 0 ? null : rounded(numerator / denominator);

export const average = (values: readonly number[]): number | null =>
  values.length === 0 ? null : sum(values) / values.length;

/** Share of the true ones among those that are true or false. */
export const share = (values: readonly (boolean | null)[]): number | null =>
  ratio(values.filter((value) => value === true).length, known(values).length);

export const known = <Value>(values: readonly (Value | null)[]): Value[] =>
  values.filter((value): value is Value => value !== null);

/** Value below which a share of the values lies, between two of them in proportion; null without any. */
export function quantile(values: readonly number[], part: number): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  const place = part * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below === undefined || above === undefined ? null : below + (above - below) * (place % 1);
}

export const distinct = (values: readonly unknown[]): number => new Set(values).size;

export const ratings = (reviews: readonly KnownReview[]): number[] => known(reviews.map(({ rating }) => rating));

/** One meaning for stars and thumbs: four stars or more, or a thumb up. */
export const isPositive = ({ rating, recommended }: KnownReview): boolean | null =>
  rating === null ? recommended : rating >= 4;

export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const dayOf = ({ createdAt }: KnownReview): string => dateOf(createdAt);
export const monthOf = (review: KnownReview): string => `${dayOf(review).slice(0, 7)}-01`;
export const votes = (reviews: readonly KnownReview[]): number =>
  sum(known(reviews.map(({ helpfulVotes }) => helpfulVotes)));
/** A text without the spaces around it, as docs/values.md says. */
export const trimmed = (text: string): string => text.replaceAll(/^ +| +$/g, '');

export const lengthOf = ({ body }: KnownReview): number => [...trimmed(body ?? '')].length;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const key = (source: string, id: string): string => digest(`${source}\n${[...id].length}:${id}`);
export const productKey = ({ source, product }: KnownReview): string => key(source, product.id);
export const reviewerKey = ({ source, reviewer }: KnownReview): string => key(source, reviewer.id);
/** Only of a source that has ids of its own. */
export const reviewKey = ({ source, identity }: KnownReview): string => key(source, identity);

/** What PRESENTATION shows for a key, by the two kept keys. */
export type Pseudonym = (key: string) => string;
export const pseudonymBy =
  (inner: string, outer: string): Pseudonym =>
  (of) =>
    digest(outer + digest(inner + of));

/** Number of reviews and ratings, average and share of positive ones, as most marts have them. */
export const measures = (reviews: readonly KnownReview[]) => ({
  review_count: reviews.length,
  rating_count: ratings(reviews).length,
  average_rating: rounded(average(ratings(reviews))),
  positive_share: share(reviews.map(isPositive)),
});

/** Groups by values that a row shows, each with its reviews. */
export function grouped<Keys extends Row>(
  reviews: readonly KnownReview[],
  keysOf: (review: KnownReview) => Keys,
): { keys: Keys; of: KnownReview[] }[] {
  const groups = Map.groupBy(reviews, (review) => JSON.stringify(keysOf(review)));
  return [...groups].map(([keys, of]) => ({ keys: JSON.parse(keys) as Keys, of }));
}
