import { type KnownReview, newest } from '../known-reviews';
import type { Pseudonym, Row } from './figures';
import * as products from './products';
import * as reviewers from './reviews';

/**
 * The rows of every mart of reviews, counted in plain code from records as their producers wrote them: nothing of the pipeline's own
 * code, SQL or tables is used. Defaults of dbt's variables are written out.
 *
 * @param published what each load published, in their order
 */
export function countedMarts(
  published: readonly (readonly KnownReview[])[],
  pseudonym: Pseudonym,
): Readonly<Record<string, readonly Row[]>> {
  const reviews = newest(published.flatMap((load) => newest(load)));
  return {
    brand_category_monthly: products.brandCategoryMonthly(reviews),
    calendar: products.calendar(reviews),
    helpfulness: reviewers.helpfulness(reviews),
    language_summary: reviewers.languageSummary(reviews),
    product_comparison: products.productComparison(reviews),
    product_daily: products.productDaily(reviews),
    product_summary: products.productSummary(reviews),
    rating_trend_monthly: products.ratingTrendMonthly(reviews),
    response_performance: reviewers.responsePerformance(reviews),
    review_versions: reviewers.reviewVersions(published, pseudonym),
    reviewer_360: reviewers.reviewer360(reviews, pseudonym),
    reviewer_activity: reviewers.reviewerActivity(reviews, pseudonym),
    verification_mix: reviewers.verificationMix(reviews),
  };
}
