import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectVersionsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { WarehouseSession } from '../../../local/platform/warehouse';
import type { Deployment } from '../../../operator/deployment';
import { json } from '../../../operator/text';

/** Something that a platform holds, as text that can be searched. */
interface Held {
  readonly where: string;
  readonly text: string;
}

async function plain(key: string, bytes: Uint8Array): Promise<string> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes).toString('utf8');
  const text = new TextDecoder().decode(bytes);
  if (!text.startsWith('PAR1')) return text;
  return json(await parquetReadObjects({ file: bytes.slice().buffer, compressors })).concat(key);
}

/** Every version of every object of the raw bucket, every object of the processed one, and every row of the ledger; unpacked. */
async function* inAws({ s3, dynamoDb, outputs }: Deployment): AsyncGenerator<Held> {
  const get = async (Bucket: string, Key: string, VersionId?: string): Promise<Held> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...(VersionId && { VersionId }) }));
    const text = await plain(Key, (await Body?.transformToByteArray()) ?? new Uint8Array());
    return { where: `s3://${Bucket}/${Key}${VersionId ? ` (${VersionId})` : ''}`, text: Key + text };
  };
  const raw = await s3.send(new ListObjectVersionsCommand({ Bucket: outputs.RawBucketName }));
  if (raw.IsTruncated) throw new Error('The test has more versions than one page lists.');
  for (const { Key = '', VersionId } of raw.Versions ?? []) yield get(outputs.RawBucketName, Key, VersionId);
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: outputs.ProcessedBucketName },
  )) {
    for (const { Key = '' } of Contents) yield get(outputs.ProcessedBucketName, Key);
  }
  for await (const { Items = [] } of paginateScan({ client: dynamoDb }, { TableName: outputs.LedgerTableName })) {
    for (const item of Items) yield { where: `ledger ${item.object}`, text: json(item) };
  }
}

/** Every table and view of a database, with all rows. */
async function* inSnowflake(session: WarehouseSession, database: string): AsyncGenerator<Held> {
  const { rows: tables } = await session.query(
    `select table_schema, table_name from ${database}.information_schema.tables where table_schema <> 'INFORMATION_SCHEMA'`,
  );
  for (const { TABLE_SCHEMA, TABLE_NAME } of tables) {
    const where = `${database}.${TABLE_SCHEMA}.${TABLE_NAME}`;
    yield { where, text: json((await session.query(`select * from ${where}`)).rows) };
  }
}

/** Places that hold one of the texts, of all that a platform holds; and how many places were searched. */
export async function placesWith(
  texts: readonly string[],
  deployment: Deployment,
  warehouse?: { readonly session: WarehouseSession; readonly database: string },
): Promise<{ places: string[]; searched: number }> {
  const places: string[] = [];
  let searched = 0;
  const look = ({ where, text }: Held) => {
    searched += 1;
    if (texts.some((wanted) => text.includes(wanted))) places.push(where);
  };
  for await (const held of inAws(deployment)) look(held);
  if (warehouse) for await (const held of inSnowflake(warehouse.session, warehouse.database)) look(held);
  return { places, searched };
}
