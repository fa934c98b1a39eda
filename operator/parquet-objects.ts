import { GetObjectCommand } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Deployment } from './deployment';

export type Row = Readonly<Record<string, unknown>>;

/**
 * Rows of a Parquet file in the processed bucket.
 *
 * @param wanted the columns, and which rows; all by default
 */
export async function parquetRows(
  { s3, outputs }: Deployment,
  key: string,
  wanted: Pick<Parameters<typeof parquetReadObjects>[0], 'columns' | 'filter'> = {},
): Promise<Row[]> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.ProcessedBucketName, Key: key }));
  const bytes = await Body?.transformToByteArray();
  if (!bytes) throw new Error(`${key}: no content.`);
  return parquetReadObjects({ file: bytes.slice().buffer, compressors, ...wanted });
}
