/** Received files in the raw bucket. */
export const REVIEWS_PREFIX = 'reviews/';

/** Work area of the batches in the processed bucket; it expires. */
export const WORK_PREFIX = 'work/';

/** Published tables in the processed bucket. */
export const TABLES_PREFIX = 'tables/';
