import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { TABLES_PREFIX } from '../../lib/contracts/prefixes';
import type { TableName } from '../../lib/contracts/tables';
import { SCHEMAS } from '../../lib/contracts/warehouse-names';
import type { DriverError } from '../../lib/functions/snowflake/driver';
import { literal } from '../../lib/functions/snowflake/sql/quoting';
import type { Deployment } from '../deployment';
import { withWarehouse } from '../reconcile/warehouse';
import type { Person } from './jobs';

/** Whether a record that could not be read names the person: the id stands in it as a word of its own, as the jobs' code looks for it. */
function naming({ reviewer }: Person): (record: unknown) => boolean {
  const forms = [reviewer, JSON.stringify(reviewer).slice(1, -1)];
  const plain = forms.map((form) => form.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\w-])(?:${plain.join('|')})(?![\\w-])`);
  return (record) => pattern.test(String(record ?? ''));
}

/** Files of which the published tables hold rows of the person, by their ids. */
export async function publishedTraces({ s3, outputs }: Deployment, person: Person): Promise<Set<string>> {
  const names = naming(person);
  const found = new Set<string>();
  const look = async (table: TableName, column: string, isOwn: (value: unknown) => boolean) => {
    const place = { Bucket: outputs.ProcessedBucketName, Prefix: `${TABLES_PREFIX}${table}/` };
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
      for (const { Key } of Contents) {
        if (!Key?.endsWith('.parquet')) continue;
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.Bucket, Key }));
        const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
        const columns = ['source', 'file_id', column];
        for (const row of await parquetReadObjects({ file: bytes.slice().buffer, compressors, columns })) {
          if (row.source === person.source && isOwn(row[column])) found.add(String(row.file_id));
        }
      }
    }
  };
  await look('reviews', 'reviewer_id', (id) => id === person.reviewer);
  await look('reviewers', 'reviewer_id', (id) => id === person.reviewer);
  await look('rejected_records', 'record', names);
  return found;
}

/** Tables of Snowflake whose rows say which file they are of, and hold what a person wrote or who it was. */
const TABLES = [
  `${SCHEMAS.raw}.REVIEWS`,
  `${SCHEMAS.raw}.REVIEWERS`,
  `${SCHEMAS.raw}.REJECTED_RECORDS`,
  `${SCHEMAS.core}.FCT_REVIEWS`,
  `${SCHEMAS.core}.FCT_REJECTED_RECORDS`,
  `${SCHEMAS.core}.DIM_REVIEWERS`,
] as const;

/** Snowflake's codes for a schema or a table that is not there: dbt has built nothing yet. */
const ABSENT = new Set(['002003', '002043']);

/**
 * Tables in Snowflake that still hold rows of erased versions; PRESENTATION is made again from CORE by each run of dbt. No query names
 * the person: Snowflake keeps the text of queries.
 *
 * @param fileIds of the erased versions
 * @returns undefined where nobody can ask
 */
export const warehouseTraces = (deployment: Deployment, fileIds: readonly string[]): Promise<string[] | undefined> =>
  withWarehouse(deployment, async (execute, database) => {
    const found: string[] = [];
    if (fileIds.length === 0) return found;
    const ids = fileIds.map((id) => literal(id).text).join(', ');
    for (const table of TABLES) {
      try {
        const [row] = await execute(`SELECT COUNT(*) AS "rows" FROM ${database}.${table} WHERE file_id IN (${ids})`);
        if (Number(row?.rows ?? 0) > 0) found.push(`${table} (${row?.rows})`);
      } catch (error) {
        if (!ABSENT.has(String((error as DriverError).code).padStart(6, '0'))) throw error;
      }
    }
    return found;
  });
