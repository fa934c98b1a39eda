import type { FileStatus } from './outcomes';

/** The ledger's index of rows by status and time. */
export const STATUS_INDEX = { name: 'by-status', partitionKey: 'status_shard', sortKey: 'updated_at' } as const;

/**
 * Parts that the rows of a status are spread over. A partition of an index takes 1,000 writes a second, and while it refuses more, so
 * does its table: a burst of files that all become RECEIVED would wait for one partition.
 * "Using write sharding to distribute workloads evenly", Amazon DynamoDB Developer Guide.
 */
const SHARDS = 8;

/** Where the index has the row of a file in a state; the same file is always in the part of the same number. */
export function statusShard(status: FileStatus, fileId: string): string {
  return `${status}#${Number.parseInt(fileId.slice(0, 8), 16) % SHARDS}`;
}

/** All parts of a status: whoever asks for the files in it must ask each. */
export function statusShards(status: FileStatus): string[] {
  return Array.from({ length: SHARDS }, (_, number) => `${status}#${number}`);
}
