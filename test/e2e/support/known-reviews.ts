import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ROOT } from '../../../local/paths';

/** Public review files with known figures; they hold real people's names and are not part of the project. */
export const REVIEW_FILES = process.env.REVIEW_FILES ?? join(ROOT, '..', 'shared', 'reviews');

export const reviewFilesExist = (): boolean => existsSync(REVIEW_FILES);

/** A review as far as the marts depend on it, read without any of the pipeline's own code. Times in milliseconds since the epoch. */
export interface KnownReview {
  readonly source: string;
  readonly product: KnownProduct;
  /** What tells it from every other review of its source. */
  readonly identity: string;
  readonly reviewer: { readonly id: string; readonly country: string | null };
  readonly createdAt: number;
  /** Of two versions the one with the greater time counts, on a tie the later one: its last change, else its creation. */
  readonly time: number;
  readonly rating: number | null;
  readonly recommended: boolean | null;
  readonly verified: boolean | null;
  readonly helpfulVotes: number | null;
  readonly totalVotes: number | null;
  readonly language: string | null;
  readonly body: string | null;
  readonly mediaCount: number;
  readonly respondedAt: readonly number[];
  /** The record as its producer wrote it. */
  readonly record: Readonly<Record<string, unknown>>;
}

export interface KnownProduct {
  readonly id: string;
  readonly title: string | null;
  readonly parent: string | null;
  readonly brand: string | null;
  readonly category: string | null;
  readonly price: { readonly amount: number; readonly currency: string } | null;
}

type Read = (record: Record<string, unknown>, file: string) => KnownReview;

/** What a source does not say. */
const UNSAID = {
  rating: null,
  recommended: null,
  verified: null,
  helpfulVotes: null,
  totalVotes: null,
  language: null,
  mediaCount: 0,
  respondedAt: [],
};

const named = (id: string): KnownProduct => ({
  id,
  title: null,
  parent: null,
  brand: null,
  category: null,
  price: null,
});

const said = <Value>(value: unknown): Value | null => (value ?? null) as Value | null;

const amazon = (record: KnownReview['record']): KnownReview => ({
  ...UNSAID,
  source: 'amazon-2018',
  product: named(String(record.asin)),
  identity: [record.reviewerID, record.asin, record.unixReviewTime].join('\n'),
  reviewer: { id: String(record.reviewerID), country: null },
  createdAt: Number(record.unixReviewTime) * 1000,
  time: Number(record.unixReviewTime) * 1000,
  rating: Number(record.overall),
  verified: said(record.verified),
  helpfulVotes: record.vote === undefined ? null : Number(String(record.vote).replaceAll(',', '')),
  body: said(record.reviewText),
  mediaCount: (record.image as string[] | undefined)?.length ?? 0,
  record,
});

/** `Oct 2, 2014, 3:05PM`, in UTC. */
function crawledTime(text: string): number {
  const [, day = '', hour = '', minute = '', half = ''] = /^(\w+ \d+, \d+), (\d+):(\d+)([AP]M)$/.exec(text) ?? [];
  return (
    Date.parse(`${day} 00:00 UTC`) + (((Number(hour) % 12) + (half === 'PM' ? 12 : 0)) * 60 + Number(minute)) * 60_000
  );
}

const steamCommunity: Read = (record) => ({
  ...UNSAID,
  source: 'steam-community',
  product: named(/\/recommended\/(\d+)/.exec(String(record.review_url))?.[1] ?? ''),
  identity: String(record.review_url),
  reviewer: { id: String(record.steam_id_number), country: null },
  createdAt: crawledTime(String(record.date_posted)),
  time: crawledTime(String(record.date_updated ?? record.date_posted)),
  recommended: record.rating === 'Recommended',
  helpfulVotes: Number(record.num_found_helpful),
  totalVotes: Number(record.num_voted_helpfulness),
  body: said(record.review),
  record,
});

const steamApi: Read = (record, file) => ({
  ...UNSAID,
  source: 'steam-api',
  product: named(/review_(\d+)/.exec(file)?.[1] ?? ''),
  identity: String(record.recommendationid),
  reviewer: { id: (record.author as { steamid: string }).steamid, country: null },
  createdAt: Number(record.timestamp_created) * 1000,
  time: Number(record.timestamp_updated) * 1000,
  recommended: record.voted_up === true,
  verified: said(record.steam_purchase),
  helpfulVotes: Number(record.votes_up),
  language: said(record.language),
  body: said(record.review),
  record,
});

interface NativeProduct {
  readonly product_id: string;
  readonly title?: string;
  readonly parent_id?: string;
  readonly brand?: string;
  readonly categories?: string[];
  readonly price?: { amount: number; currency: string };
}

/** A review of the pipeline's own format. */
export function native(record: KnownReview['record']): KnownReview {
  const product = record.product as NativeProduct;
  const reviewer = record.reviewer as { reviewer_id: string; country?: string };
  const responses = (record.responses ?? []) as { responded_at: string }[];
  return {
    source: 'native',
    product: {
      id: product.product_id,
      title: said(product.title),
      parent: said(product.parent_id),
      brand: said(product.brand),
      category: said(product.categories?.[0]),
      price: said(product.price),
    },
    identity: String(record.review_id),
    reviewer: { id: reviewer.reviewer_id, country: said(reviewer.country) },
    createdAt: Date.parse(String(record.created_at)),
    time: Date.parse(String(record.updated_at ?? record.created_at)),
    rating: Number(record.rating),
    recommended: said(record.recommended),
    verified: said(record.verified_purchase),
    helpfulVotes: said(record.helpful_votes),
    totalVotes: said(record.total_votes),
    language: said(record.language),
    body: said(record.body),
    mediaCount: ((record.media ?? []) as unknown[]).length,
    respondedAt: responses.map(({ responded_at }) => Date.parse(responded_at)),
    record,
  };
}

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
