import { type KnownReview, native } from './known-reviews';
import { review } from './running';

const LANGUAGES = ['en', 'en-US', 'pt_BR', 'german', 'Klingon', undefined];
const CATEGORIES = [['Kitchen', 'Kettles'], ['Garden'], undefined];
const SAME_TEXT = 'The same words about every product, again and again.';

/** Text of a review: own, short, of no words, or one that several reviewers write. */
const bodyOf = (index: number): string | undefined =>
  [`Review number ${index} says something of its own 👍.`, 'Fine.', SAME_TEXT, undefined][index % 4];

/** The answers to a review: none, one after some hours, or two of which one was before the review itself. */
function responsesOf(index: number, createdAt: number): { responder: string; body: string; responded_at: string }[] {
  const at = (hours: number) => ({
    responder: 'Shop',
    body: 'Thank you.',
    responded_at: new Date(createdAt + hours * 3_600_000).toISOString(),
  });
  if (index % 5 === 0) return [at(1 + (index % 40))];
  return index % 23 === 0 ? [at(-2), at(5)] : [];
}

/** Reviews of the pipeline's own format that differ in everything that a mart counts. */
export const generatedReviews: KnownReview[] = Array.from({ length: 200 }, (_, index) => {
  const product = index % 7;
  const createdAt = Date.UTC(2026, 2, 1) + index * 13 * 3_600_000;
  return native(
    review(`own-${index}`, {
      product: {
        product_id: `P-${product}`,
        title: `Product ${product}`,
        parent_id: product % 2 ? `Line ${product % 3}` : undefined,
        brand: product < 5 ? `Brand ${product % 2}` : undefined,
        categories: CATEGORIES[product % 3],
        price: product % 2 ? { amount: 10 * product + 0.99, currency: 'EUR' } : undefined,
      },
      reviewer: { reviewer_id: `R-${index % 31}`, country: index % 31 < 20 ? 'Freedonia' : undefined },
      rating: index % 9 === 0 ? 2.5 : 1 + ((index * (1 + product)) % 5),
      recommended: index % 11 === 0 ? index % 2 === 0 : undefined,
      title: index % 3 ? `Title ${index}` : undefined,
      body: bodyOf(index),
      language: LANGUAGES[index % 6],
      verified_purchase: [true, false, undefined][index % 3],
      helpful_votes: index % 4 ? index % 6 : undefined,
      total_votes: index % 4 === 1 ? 7 : undefined,
      media: index % 8 === 0 ? [{ kind: 'image', url: 'https://example.com/1.jpg' }] : undefined,
      responses: responsesOf(index, createdAt),
      created_at: new Date(createdAt).toISOString(),
    }),
  );
});
