/**
 * What DMS adds to the columns of a row: the time of its commit, and its place in the log, which a copied row does not have.
 * `contracts/envelopes.json` knows both.
 */
export const CHANGE_COLUMNS = { committedAt: 'dms_committed_at', change: 'dms_change' } as const;
