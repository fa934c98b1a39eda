/** Received files in the raw bucket. */
export const REVIEWS_PREFIX = 'reviews/';

/** In the raw bucket: values of messages that no dead letter has room for, a folder for each stream. */
export const DEAD_LETTERS_PREFIX = 'dead-letters/';

/** In the processed bucket: how far each stream has read, a folder for each. */
export const STREAMS_PREFIX = 'streams/';

/** Work area of the batches in the processed bucket; it expires. */
export const WORK_PREFIX = 'work/';

/** Published tables in the processed bucket. */
export const TABLES_PREFIX = 'tables/';
