import { FILE_STATUSES, type FileStatus } from '../lib/contracts/outcomes';
import type { LedgerEntry } from '../lib/functions/ledger/entry';
import { LedgerRows } from '../lib/functions/ledger/ledger-rows';
import type { Deployment } from './deployment';
import { OperatorError } from './operator-error';

const rowsOf = ({ dynamoDb, outputs }: Deployment) => new LedgerRows(outputs.LedgerTableName, dynamoDb);

/** Why a file is in its state, in the ledger's words. */
export const reasonOf = ({ detail, reason }: LedgerEntry): string => detail ?? reason ?? 'no reason recorded';

/** Object versions that entered one of the states since a time and are still in it; the newest first. */
export async function filesByStatus(
  deployment: Deployment,
  { since, statuses = FILE_STATUSES }: { since: Date; statuses?: readonly FileStatus[] },
): Promise<LedgerEntry[]> {
  const found = await Promise.all(statuses.map((status) => rowsOf(deployment).inStatus(status, '>=', since)));
  return found.flat().sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}

/**
 * Every version of one object of the raw bucket, the oldest first.
 *
 * @throws OperatorError where the ledger has no version of it
 */
export async function versionsOf(deployment: Deployment, key: string): Promise<[LedgerEntry, ...LedgerEntry[]]> {
  const [first, ...rest] = await rowsOf(deployment).query({
    KeyConditionExpression: '#object = :object',
    ExpressionAttributeNames: { '#object': 'object' },
    ExpressionAttributeValues: { ':object': `${deployment.outputs.RawBucketName}/${key}` },
    ConsistentRead: true,
  });
  if (!first) {
    throw new OperatorError(
      `The ledger has no file ${key}.`,
      'Give the whole key, as in reviews/<source>/<file>; the command "files" lists the newest ones.',
    );
  }
  return [first, ...rest].sort((a, b) => a.arrived_at.localeCompare(b.arrived_at)) as [LedgerEntry, ...LedgerEntry[]];
}

/**
 * The newest version of one object of the raw bucket.
 *
 * @throws OperatorError where the ledger has no version of it
 */
export async function newestVersion(deployment: Deployment, key: string): Promise<LedgerEntry> {
  const [first, ...rest] = await versionsOf(deployment, key);
  return rest.at(-1) ?? first;
}

/** Rows of the files that an execution claimed and no later execution took over. */
export const rowsOfBatch = (deployment: Deployment, batchId: string): Promise<LedgerEntry[]> =>
  rowsOf(deployment).query({
    IndexName: 'by-batch',
    KeyConditionExpression: '#batch_id = :batch_id',
    ExpressionAttributeNames: { '#batch_id': 'batch_id' },
    ExpressionAttributeValues: { ':batch_id': batchId },
  });
