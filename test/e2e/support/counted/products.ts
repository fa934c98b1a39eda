import type { KnownReview } from '../known-reviews';
import {
  average,
  DAY,
  dayOf,
  distinct,
  grouped,
  isPositive,
  known,
  measures,
  monthOf,
  productKey,
  type Row,
  ratings,
  ratio,
  reviewerKey,
  rounded,
  share,
  sum,
  votes,
} from './figures';

type Reviews = readonly KnownReview[];

const byProduct = (reviews: Reviews) =>
  grouped(reviews, (review) => ({ product_key: productKey(review), source_name: review.source })).map((group) => ({
    ...group,
    product: (group.of[0] as KnownReview).product,
  }));

const times = (of: Reviews): number[] => of.map((review) => Date.parse(dayOf(review)));

/** The product's rating as if it had ten ratings of its source's average already. */
const bayesian = (of: Reviews, ofSource: Reviews): number | null =>
  ratings(of).length === 0
    ? null
    : (10 * (average(ratings(ofSource)) ?? 0) + sum(ratings(of))) / (10 + ratings(of).length);

const ratingSum = (of: Reviews): number | null => (ratings(of).length === 0 ? null : sum(ratings(of)));

function trend(recent: readonly number[], earlier: readonly number[]) {
  const [now, before] = [average(recent), average(earlier)];
  const change = now === null || before === null ? null : now - before;
  const isKnown = change !== null && recent.length >= 5 && earlier.length >= 5;
  const direction = !isKnown ? 'unknown' : change >= 0.25 ? 'rising' : change <= -0.25 ? 'falling' : 'steady';
  return {
    recent_rating_count: recent.length,
    earlier_rating_count: earlier.length,
    recent_average_rating: rounded(now),
    earlier_average_rating: rounded(before),
    rating_change: rounded(change),
    rating_trend: direction,
  };
}

export function productSummary(reviews: Reviews): Row[] {
  const sources = Map.groupBy(reviews, ({ source }) => source);
  return byProduct(reviews).map(({ keys, of, product }) => {
    const ofSource = sources.get(keys.source_name) ?? [];
    const newest = Math.max(...times(ofSource));
    const daysAgo = (review: KnownReview) => (newest - Date.parse(dayOf(review))) / DAY;
    const recent = of.filter((review) => daysAgo(review) < 90);
    const earlier = of.filter((review) => daysAgo(review) >= 90 && daysAgo(review) < 180);
    return {
      ...keys,
      product_id: product.id,
      product_title: product.title,
      parent_id: product.parent,
      brand: product.brand,
      top_category: product.category,
      price_amount: product.price?.amount ?? null,
      price_currency: product.price?.currency ?? null,
      ...measures(of),
      rating_sum: ratingSum(of),
      bayesian_rating: rounded(bayesian(of, ofSource)),
      recommended_share: share(of.map(({ recommended }) => recommended)),
      verified_share: share(of.map(({ verified }) => verified)),
      reviewer_count: distinct(of.map(reviewerKey)),
      first_reviewed_on: of.map(dayOf).sort()[0],
      last_reviewed_on: of.map(dayOf).sort().at(-1),
      recent_review_count: recent.length,
      ...trend(ratings(recent), ratings(earlier)),
    };
  });
}

export function productDaily(reviews: Reviews): Row[] {
  return grouped(reviews, (review) => ({
    product_key: productKey(review),
    reviewed_on: dayOf(review),
    source_name: review.source,
  })).map(({ keys, of }) => {
    const count = (condition: (review: KnownReview) => boolean) => of.filter(condition).length;
    const stars = [1, 2, 3, 4, 5].map((star) => [
      `rating_${star}_count`,
      count(({ rating }) => rating !== null && rating >= star && rating < star + 1),
    ]);
    const { review_count, rating_count, average_rating } = measures(of);
    return {
      ...keys,
      review_count,
      rating_count,
      average_rating,
      rating_sum: ratingSum(of),
      ...Object.fromEntries(stars),
      opinion_count: known(of.map(isPositive)).length,
      positive_count: count((review) => isPositive(review) === true),
      recommended_count: count(({ recommended }) => recommended === true),
      not_recommended_count: count(({ recommended }) => recommended === false),
      verified_count: count(({ verified }) => verified === true),
      verification_known_count: count(({ verified }) => verified !== null),
      helpful_votes: votes(of),
      answered_count: count(({ respondedAt }) => respondedAt.length > 0),
      with_media_count: count(({ mediaCount }) => mediaCount > 0),
    };
  });
}

export function productComparison(reviews: Reviews): Row[] {
  const sources = Map.groupBy(reviews, ({ source }) => source);
  const category = (of: Reviews) => of[0]?.product.category ?? 'unknown';
  const products = byProduct(reviews);
  return products.map(({ keys, of }) => {
    const ofSource = sources.get(keys.source_name) ?? [];
    const peers = products.filter(
      (other) => other.keys.source_name === keys.source_name && category(other.of) === category(of),
    );
    const inCategory = peers.flatMap((peer) => peer.of);
    // Ranked as it is shown: equal figures have an equal rank.
    const shown = (reviewsOf: Reviews) => rounded(bayesian(reviewsOf, ofSource));
    const own = shown(of);
    const all = rounded(average(ratings(inCategory)));
    const mine = rounded(average(ratings(of)));
    return {
      ...keys,
      category: category(of),
      ...measuresOfProduct(of),
      bayesian_rating: own,
      category_product_count: peers.length,
      category_review_count: inCategory.length,
      category_review_share: ratio(of.length, inCategory.length),
      category_average_rating: all,
      // Of the two figures as they are shown.
      rating_difference: all === null || mine === null ? null : rounded(mine - all),
      review_count_rank: 1 + peers.filter((peer) => peer.of.length > of.length).length,
      rating_rank: own === null ? null : 1 + peers.filter((peer) => (shown(peer.of) ?? 0) > own).length,
    };
  });
}

const measuresOfProduct = (of: Reviews) => {
  const { review_count, average_rating, positive_share } = measures(of);
  return { review_count, average_rating, positive_share };
};

export function brandCategoryMonthly(reviews: Reviews): Row[] {
  return grouped(reviews, (review) => ({
    source_name: review.source,
    brand: review.product.brand ?? 'unknown',
    category: review.product.category ?? 'unknown',
    reviewed_month: monthOf(review),
  })).map(({ keys, of }) => ({ ...keys, product_count: distinct(of.map(productKey)), ...measures(of) }));
}

export function ratingTrendMonthly(reviews: Reviews): Row[] {
  const months = ([year = 0, month = 0]: number[]) => 12 * year + month;
  const monthNumber = (review: KnownReview) => months(monthOf(review).split('-').map(Number));
  return byProduct(reviews).flatMap(({ keys, of }) =>
    grouped(of, (review) => ({ reviewed_month: monthOf(review) })).map(({ keys: month, of: inMonth }) => {
      const now = monthNumber(inMonth[0] as KnownReview);
      const window = of.filter((review) => now - monthNumber(review) >= 0 && now - monthNumber(review) < 3);
      const { positive_share: _, ...figures } = measures(inMonth);
      const rolling = measures(window);
      return {
        ...keys,
        ...month,
        ...figures,
        rolling_review_count: rolling.review_count,
        rolling_rating_count: rolling.rating_count,
        rolling_average_rating: rolling.average_rating,
        is_sample_sufficient: rolling.rating_count >= 5,
      };
    }),
  );
}

const MONTHS_PER_QUARTER = 3;

/** Every day from the first review to the last. */
export function calendar(reviews: Reviews): Row[] {
  const days = Map.groupBy(reviews, dayOf);
  const [first, last] = [Math.min(...times(reviews)), Math.max(...times(reviews))];
  return Array.from({ length: (last - first) / DAY + 1 }, (_, number) => {
    const date = new Date(first + number * DAY);
    const day = date.toISOString().slice(0, 10);
    const weekday = date.getUTCDay() || 7;
    const of = days.get(day) ?? [];
    return {
      calendar_date: day,
      year_number: date.getUTCFullYear(),
      quarter_number: Math.floor(date.getUTCMonth() / MONTHS_PER_QUARTER) + 1,
      month_number: date.getUTCMonth() + 1,
      month_starts_on: `${day.slice(0, 7)}-01`,
      week_starts_on: new Date(date.getTime() - (weekday - 1) * DAY).toISOString().slice(0, 10),
      weekday_number: weekday,
      is_weekend: weekday > 5,
      review_count: of.length,
      product_count: distinct(of.map(productKey)),
    };
  });
}
