import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { COMPACTED_SUFFIX } from '../../lib/contracts/object-keys';
import { TABLES_PREFIX } from '../../lib/contracts/prefixes';
import { SCHEMAS } from '../../lib/contracts/warehouse-names';
import type { DriverError } from '../../lib/functions/snowflake/driver';
import { literal } from '../../lib/functions/snowflake/sql/quoting';
import { readCompactions } from '../compactions';
import type { Deployment } from '../deployment';
import { parquetRows } from '../parquet-objects';
import { withWarehouse } from '../reconcile/warehouse';
import type { Person } from './jobs';

/** Whether an unreadable record names the person: it contains the id as a whole word, by the same rule as the jobs' code. */
function naming({ reviewer }: Person): (record: unknown) => boolean {
  const forms = [reviewer, JSON.stringify(reviewer).slice(1, -1)];
  const plain = forms.map((form) => form.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`(?<![\\w-])(?:${plain.join('|')})(?![\\w-])`);
  return (record) => pattern.test(String(record ?? ''));
}

/** Ids of the files whose published rows include rows of the person. */
export interface PublishedTraces {
  /** Files whose rows readers see. */
  readonly counted: ReadonlySet<string>;
  /** Files of replaced batches: nobody reads these rows, and the compaction removes them. */
  readonly waiting: ReadonlySet<string>;
}

/** Searches the published files, with those that a compaction made. */
export async function publishedTraces(deployment: Deployment, person: Person): Promise<PublishedTraces> {
  const { s3, outputs } = deployment;
  const Bucket = outputs.ProcessedBucketName;
  const { holders } = await readCompactions(deployment);
  const found = { counted: new Set<string>(), waiting: new Set<string>() };
  /** Searches the objects below a prefix; returns those that hold rows of the person. */
  const look = async (prefix: string, column: string, isOwn: (value: unknown) => boolean): Promise<string[]> => {
    const holding: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: prefix })) {
      for (const { Key } of Contents) {
        if (!Key?.endsWith('.parquet')) continue;
        const folder = /batch_id=(?<id>[^/]+)/.exec(Key)?.groups?.id ?? '';
        const compacted = folder.endsWith(COMPACTED_SUFFIX);
        const columns = ['source', 'file_id', column, ...(compacted ? ['original_batch_id'] : [])];
        const rows = await parquetRows(deployment, Key, { columns });
        const own = rows.filter((row) => row.source === person.source && isOwn(row[column]));
        for (const { file_id, original_batch_id } of own) {
          const isRead = !compacted || holders.get(String(original_batch_id))?.id === folder;
          found[isRead ? 'counted' : 'waiting'].add(String(file_id));
        }
        if (own.length > 0) holding.push(Key);
      }
    }
    return holding;
  };
  const isPerson = (id: unknown): boolean => id === person.reviewer;
  // Every batch with reviews of a reviewer has a row about the reviewer: the large table is read for those batches only.
  const batches = await look(`${TABLES_PREFIX}reviewers/`, 'reviewer_id', isPerson);
  for (const folder of new Set(batches.map((key) => key.slice(0, key.lastIndexOf('/') + 1)))) {
    await look(folder.replace(`${TABLES_PREFIX}reviewers/`, `${TABLES_PREFIX}reviews/`), 'reviewer_id', isPerson);
  }
  await look(`${TABLES_PREFIX}customers/`, 'customer_id', isPerson);
  await look(`${TABLES_PREFIX}support_cases/`, 'customer_id', isPerson);
  await look(`${TABLES_PREFIX}rejected_records/`, 'record', naming(person));
  return found;
}

/** Tables of Snowflake whose rows name their file, and hold a person's texts or identity. */
const TABLES = [
  `${SCHEMAS.raw}.REVIEWS`,
  `${SCHEMAS.raw}.REVIEWERS`,
  `${SCHEMAS.raw}.CUSTOMERS`,
  `${SCHEMAS.raw}.SUPPORT_CASES`,
  `${SCHEMAS.raw}.REJECTED_RECORDS`,
  `${SCHEMAS.core}.FCT_REVIEWS`,
  `${SCHEMAS.core}.FCT_REJECTED_RECORDS`,
  `${SCHEMAS.core}.DIM_REVIEWERS`,
  `${SCHEMAS.core}.DIM_CUSTOMERS`,
  `${SCHEMAS.core}.FCT_SUPPORT_CASES`,
] as const;

/** Snowflake's codes for a schema or a table that does not exist: dbt has built nothing yet. */
const ABSENT = new Set(['002003', '002043']);

/**
 * Tables in Snowflake that still hold rows of erased versions. PRESENTATION is left out: each run of dbt builds it again from CORE. No
 * query names the person, because Snowflake keeps the text of queries.
 *
 * @param fileIds of the erased versions
 * @returns undefined if there is no login to ask with
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
