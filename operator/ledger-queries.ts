import { paginateQuery, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { FILE_STATUSES, type FileStatus } from '../lib/contracts/outcomes';
import { type LedgerEntry, ledgerEntrySchema } from '../lib/functions/ledger/entry';
import type { Deployment } from './deployment';
import { OperatorError } from './operator-error';

async function query(
  { dynamoDb, outputs }: Deployment,
  input: Omit<QueryCommandInput, 'TableName'>,
): Promise<LedgerEntry[]> {
  const rows: LedgerEntry[] = [];
  const pages = paginateQuery({ client: dynamoDb }, { TableName: outputs.LedgerTableName, ...input });
  for await (const page of pages) rows.push(...(page.Items ?? []).map((item) => ledgerEntrySchema.parse(item)));
  return rows;
}

/** Object versions that are in one of the states, and entered it since; the newest first. */
export async function filesByStatus(
  deployment: Deployment,
  { since, statuses = FILE_STATUSES }: { since: Date; statuses?: readonly FileStatus[] },
): Promise<LedgerEntry[]> {
  const found = await Promise.all(
    statuses.map((status) =>
      query(deployment, {
        IndexName: 'by-status',
        KeyConditionExpression: '#status = :status AND updated_at >= :since',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': status, ':since': since.toISOString() },
      }),
    ),
  );
  return found.flat().sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}

/**
 * Every version of one object of the raw bucket, the oldest first.
 *
 * @throws OperatorError where the ledger has no version of it
 */
export async function versionsOf(deployment: Deployment, key: string): Promise<[LedgerEntry, ...LedgerEntry[]]> {
  const [first, ...rest] = await query(deployment, {
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
