// Why permissions on objects of the processed bucket end in a wildcard: no path of a batch is known before the batch is.

/** Of the work area. */
export const WORK_REASON = 'Every batch has a work area of its own, named when it starts.';

/** Of the published tables. */
export const PUBLISH_REASON = 'Every batch publishes to a path of its own in each table.';
