import { type KnownReview, newest } from '../known-reviews';
import {
  average,
  dayOf,
  distinct,
  grouped,
  isPositive,
  known,
  lengthOf,
  measures,
  monthOf,
  type Pseudonym,
  productKey,
  quantile,
  type Row,
  ratings,
  ratio,
  reviewerKey,
  reviewKey,
  rounded,
  share,
  sum,
  trimmed,
  votes,
} from './figures';

type Reviews = readonly KnownReview[];

const HOUR = 3_600_000;

function verdict({ rating, recommended }: KnownReview): string {
  if (rating !== null) return String(Math.floor(rating));
  return recommended === null ? 'none' : recommended ? 'up' : 'down';
}

export function helpfulness(reviews: Reviews): Row[] {
  return grouped(reviews, (review) => ({ source_name: review.source, verdict: verdict(review) })).map(
    ({ keys, of }) => {
      const voted = of.filter(({ helpfulVotes }) => (helpfulVotes ?? 0) > 0);
      const both = of.filter(
        ({ helpfulVotes, totalVotes }) => helpfulVotes !== null && totalVotes !== null && totalVotes >= helpfulVotes,
      );
      return {
        ...keys,
        review_count: of.length,
        voted_count: voted.length,
        helpful_votes: votes(of),
        average_helpful_votes: rounded(average(known(of.map(({ helpfulVotes }) => helpfulVotes)))),
        helpful_share: ratio(votes(both), sum(both.map(({ totalVotes }) => totalVotes ?? 0))),
        average_body_length: rounded(average(of.map(lengthOf)), 1),
        average_voted_body_length: rounded(average(voted.map(lengthOf)), 1),
        with_media_share: share(of.map(({ mediaCount }) => mediaCount > 0)),
      };
    },
  );
}

const shareOfSource = (of: Reviews, reviews: Reviews): number | null =>
  ratio(of.length, reviews.filter(({ source }) => source === of[0]?.source).length);

export function verificationMix(reviews: Reviews): Row[] {
  return grouped(reviews, ({ source, verified }) => ({
    source_name: source,
    verification: verified === null ? 'unknown' : verified ? 'verified' : 'unverified',
  })).map(({ keys, of }) => ({
    ...keys,
    ...measures(of),
    share_of_source: shareOfSource(of, reviews),
    helpful_votes: votes(of),
  }));
}

/** ISO 639-1 of what the generated and the public files call their languages. */
const LANGUAGES: Readonly<Record<string, string>> = {
  en: 'en',
  'en-US': 'en',
  english: 'en',
  pt_BR: 'pt',
  german: 'de',
  Klingon: 'und',
};

export function languageSummary(reviews: Reviews): Row[] {
  return grouped(reviews, ({ source, language }) => ({
    source_name: source,
    language_code: language === null ? 'unknown' : LANGUAGES[language],
  })).map(({ keys, of }) => ({
    ...keys,
    product_count: distinct(of.map(productKey)),
    reviewer_count: distinct(of.map(reviewerKey)),
    ...measures(of),
    share_of_source: shareOfSource(of, reviews),
    average_body_length: rounded(average(of.map(lengthOf)), 1),
  }));
}

export function responsePerformance(reviews: Reviews): Row[] {
  return grouped(reviews, (review) => ({ source_name: review.source, reviewed_month: monthOf(review) })).map(
    ({ keys, of }) => {
      const answered = of.filter(({ respondedAt }) => respondedAt.length > 0);
      const negative = of.filter((review) => isPositive(review) === false);
      // An answer from before the review is to an earlier version of it.
      const hours = answered
        .map(({ respondedAt, createdAt }) => (Math.min(...respondedAt) - createdAt) / HOUR)
        .filter((after) => after >= 0);
      return {
        ...keys,
        review_count: of.length,
        answered_count: answered.length,
        answered_share: ratio(answered.length, of.length),
        negative_count: negative.length,
        negative_answered_count: negative.filter((review) => answered.includes(review)).length,
        timed_count: hours.length,
        median_hours: rounded(quantile(hours, 0.5), 3),
        p90_hours: rounded(quantile(hours, 0.9), 3),
        within_a_day_share: share(hours.map((after) => after <= 24)),
      };
    },
  );
}

/** Texts that are long enough not to be alike by chance. */
const textOf = (review: KnownReview): string | null =>
  review.body !== null && lengthOf(review) >= 30 ? trimmed(review.body).toLowerCase() : null;

const sizes = (values: readonly unknown[]): number[] =>
  [...Map.groupBy(values, (value) => value).values()].map((of) => of.length);

export function reviewer360(reviews: Reviews, pseudonym: Pseudonym): Row[] {
  const writers = new Map<string, Set<string>>();
  for (const review of reviews) {
    const text = textOf(review);
    if (text !== null) writers.set(text, (writers.get(text) ?? new Set()).add(reviewerKey(review)));
  }
  return byReviewer(reviews, pseudonym).map(({ keys, of }) => {
    const stars = ratings(of);
    const perDay = sizes(of.map(dayOf));
    const mostFrequent = Math.max(0, ...sizes(stars));
    const texts = known(of.map(textOf));
    return {
      ...keys,
      country: of[0]?.reviewer.country,
      ...measures(of),
      product_count: distinct(of.map(productKey)),
      ...span(of),
      greatest_day_count: Math.max(...perDay),
      burst_day_count: perDay.filter((count) => count >= 5).length,
      extreme_share: ratio(stars.filter((star) => star === 1 || star === 5).length, stars.length),
      most_frequent_rating_share: ratio(mostFrequent, stars.length),
      is_one_sided: stars.length >= 5 && mostFrequent === stars.length,
      repeated_text_count: sum(sizes(texts).filter((count) => count > 1)),
      shared_text_count: texts.filter((text) => (writers.get(text)?.size ?? 0) > 1).length,
    };
  });
}

const span = (of: Reviews) => ({
  first_reviewed_on: of.map(dayOf).sort()[0],
  last_reviewed_on: of.map(dayOf).sort().at(-1),
});

const byReviewer = (reviews: Reviews, pseudonym: Pseudonym) =>
  grouped(reviews, (review) => ({ reviewer_key: pseudonym(reviewerKey(review)), source_name: review.source }));

export function reviewerActivity(reviews: Reviews, pseudonym: Pseudonym): Row[] {
  return byReviewer(reviews, pseudonym).map(({ keys, of }) => {
    const stars = ratings(of);
    const mean = average(stars) ?? 0;
    const variance = average(stars.map((star) => (star - mean) ** 2));
    return {
      ...keys,
      review_count: of.length,
      product_count: distinct(of.map(productKey)),
      active_day_count: distinct(of.map(dayOf)),
      rating_count: stars.length,
      average_rating: rounded(average(stars)),
      rating_deviation: variance === null ? null : rounded(Math.sqrt(variance)),
      verified_share: share(of.map(({ verified }) => verified)),
      helpful_votes: votes(of),
      ...span(of),
    };
  });
}

/** Reviews of which several versions were published, each of a time of its own. */
export function reviewVersions(published: readonly Reviews[], pseudonym: Pseudonym): Row[] {
  const versions = published.flatMap((load) => newest(load));
  return grouped(versions, ({ source, identity }) => ({ source, identity })).flatMap(({ keys, of }) => {
    const byTime = [...new Map(of.map((version) => [version.time, version])).values()];
    const [first, ...later] = byTime.sort((left, right) => left.time - right.time);
    const last = later.at(-1);
    if (!first || !last) return [];
    const change = last.rating !== null && first.rating !== null ? last.rating - first.rating : null;
    return {
      review_key: pseudonym(reviewKey(last)),
      source_name: keys.source,
      product_key: productKey(last),
      version_count: byTime.length,
      first_version_at: new Date(first.time).toISOString(),
      newest_version_at: new Date(last.time).toISOString(),
      first_rating: first.rating,
      newest_rating: last.rating,
      rating_change: change,
      has_new_text: distinct(byTime.map(({ body }) => body ?? '')) > 1,
    };
  });
}
