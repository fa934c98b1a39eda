import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { tablePartitionPrefix } from '../lib/contracts/object-keys';
import type { TableName } from '../lib/contracts/tables';
import type { LedgerEntry } from '../lib/functions/ledger/entry';
import type { Deployment } from './deployment';

export type Row = Readonly<Record<string, unknown>>;

/**
 * Rows that the last execution of a file has published to a table, read from the Parquet files themselves: what Snowflake shows
 * later.
 *
 * @param columns only these, and `file_id`
 */
export async function publishedRows(
  { s3, outputs }: Deployment,
  table: TableName,
  { file_id, batch_id, ingest_date }: LedgerEntry,
  columns: readonly string[],
): Promise<Row[]> {
  const place = {
    Bucket: outputs.ProcessedBucketName,
    Prefix: tablePartitionPrefix(table, { id: batch_id, ingestDate: ingest_date }),
  };
  const rows: Row[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
    for (const { Key } of Contents) {
      if (!Key?.endsWith('.parquet')) continue;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.Bucket, Key }));
      const bytes = await Body?.transformToByteArray();
      if (!bytes) throw new Error(`${Key}: no content.`);
      const wanted = { columns: [...new Set([...columns, 'file_id'])], filter: { file_id: { $eq: file_id } } };
      rows.push(...(await parquetReadObjects({ file: bytes.slice().buffer, compressors, ...wanted })));
    }
  }
  return rows;
}
