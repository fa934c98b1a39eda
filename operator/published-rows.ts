import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { tablePartitionPrefix } from '../lib/contracts/object-keys';
import { FLATTENED_TABLES, type TableName } from '../lib/contracts/tables';
import type { LedgerEntry } from '../lib/functions/ledger/entry';
import { readCompactions } from './compactions';
import type { Deployment } from './deployment';
import { parquetRows, type Row } from './parquet-objects';

/**
 * Rows that the last execution of a file published to a table, read from the Parquet files themselves. Snowflake shows the same rows
 * a little later.
 *
 * @param columns only these, and `file_id`
 */
export async function publishedRows(
  deployment: Deployment,
  table: TableName,
  { file_id, batch_id, ingest_date }: LedgerEntry,
  columns: readonly string[],
): Promise<Row[]> {
  const { s3, outputs } = deployment;
  // After a compaction is announced its files hold the rows, and the batch's own files may be deleted at any time.
  const compaction = FLATTENED_TABLES.includes(table)
    ? (await readCompactions(deployment, ingest_date)).holders.get(batch_id)
    : undefined;
  const place = {
    Bucket: outputs.ProcessedBucketName,
    Prefix: tablePartitionPrefix(table, { id: compaction?.id ?? batch_id, ingestDate: ingest_date }),
  };
  const filter = {
    file_id: { $eq: file_id },
    ...(compaction && { original_batch_id: { $eq: batch_id } }),
  };
  const rows: Row[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
    for (const { Key } of Contents) {
      if (!Key?.endsWith('.parquet')) continue;
      const wanted = { columns: [...new Set([...columns, ...Object.keys(filter)])], filter };
      rows.push(...(await parquetRows(deployment, Key, wanted)));
    }
  }
  return rows;
}
