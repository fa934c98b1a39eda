/** Field of watch-ledger's log that a metric is made of: how many files are on their way for too long. */
export const LINGERING_FILES = 'lingeringFiles';
