/** Metadata of a received object: how many records its producer put in. `glue-scripts/reviews/stream/slices.py` writes it. */
export const RECORDS_METADATA = 'records';

/** Name of the Glue job of a stream. */
export const streamJobName = (prefix: string, stream: string): string => `${prefix}-stream-${stream}`;
