import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { parquetMetadata } from 'hyparquet';
import { TABLES_PREFIX } from '../../lib/contracts/prefixes';
import type { Platform } from '../platform/platform';

interface PublishedObject {
  readonly key: string;
  readonly table: string;
  /** Name that says the whole path below the table, so that one flat folder holds a table. */
  readonly name: string;
}

/** The published Parquet objects, all tables. */
async function publishedObjects({ aws, outputs }: Platform): Promise<PublishedObject[]> {
  const objects: PublishedObject[] = [];
  for await (const page of paginateListObjectsV2(
    { client: aws.s3 },
    { Bucket: outputs.ProcessedBucketName, Prefix: TABLES_PREFIX },
  )) {
    for (const { Key: key = '' } of page.Contents ?? []) {
      const [table = '', ...rest] = key.slice(TABLES_PREFIX.length).split('/');
      if (key.endsWith('.parquet')) objects.push({ key, table, name: rest.join('_').replaceAll('=', '-') });
    }
  }
  return objects;
}

async function bytesOf({ aws, outputs }: Platform, key: string): Promise<Uint8Array> {
  const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: outputs.ProcessedBucketName, Key: key }));
  if (!Body) throw new Error(`${key}: no content.`);
  return Body.transformToByteArray();
}

/** Rows of every published table, read from the files themselves. */
export async function countRows(platform: Platform): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const { key, table } of await publishedObjects(platform)) {
    const bytes = await bytesOf(platform, key);
    const { num_rows } = parquetMetadata(bytes.slice().buffer);
    rows[table] = (rows[table] ?? 0) + Number(num_rows);
  }
  return Object.fromEntries(Object.entries(rows).sort(([a], [b]) => a.localeCompare(b)));
}

/** Copies the published tables to `folder/<table>/`, flat: any Parquet reader takes such a folder as one table. */
export async function exportTables(platform: Platform, folder: string): Promise<void> {
  for (const { key, table, name } of await publishedObjects(platform)) {
    mkdirSync(join(folder, table), { recursive: true });
    await pipeline(Readable.from([await bytesOf(platform, key)]), createWriteStream(join(folder, table, name)));
  }
}
