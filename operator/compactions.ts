import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { COMPACTIONS_PREFIX } from '../lib/contracts/object-keys';
import type { TableName } from '../lib/contracts/tables';
import { mapConcurrently } from '../lib/functions/runtime/concurrency';
import type { Deployment } from './deployment';
import { parquetRows } from './parquet-objects';

/** A compaction that was announced: its files hold the rows of these batches. */
export interface Compaction {
  /** Name of its folders, where a batch's folder has the batch id. */
  readonly id: string;
  readonly ingestDate: string;
  readonly announcedAt: Date;
  /** Rows by table, of each batch. */
  readonly rows: ReadonlyMap<string, Readonly<Partial<Record<TableName, number>>>>;
}

/** The compactions of the published tables. */
export interface Compacted {
  /** The oldest first. */
  readonly compactions: readonly Compaction[];
  /** Batch → the newest compaction whose files replace the batch's own. A batch that was replaced later has none. */
  readonly holders: ReadonlyMap<string, Compaction>;
}

const READ_AT_ONCE = 16;
const PATH = /ingest_date=(?<ingestDate>[^/]+)\/batch_id=(?<id>[^/]+)\/(?:part-[^/]*\.parquet|(?<mark>_withdrawn))$/;

/** The compactions of one ingest date, or of all. */
export async function readCompactions(deployment: Deployment, ingestDate?: string): Promise<Compacted> {
  const { s3, outputs } = deployment;
  const Bucket = outputs.ProcessedBucketName;
  const Prefix = ingestDate ? `${COMPACTIONS_PREFIX}ingest_date=${ingestDate}/` : COMPACTIONS_PREFIX;
  const keys: string[] = [];
  const withdrawn = new Set<string>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix })) {
    for (const { Key = '' } of Contents) {
      const { id, mark } = PATH.exec(Key)?.groups ?? {};
      if (id && mark) withdrawn.add(id);
      else if (id) keys.push(Key);
    }
  }
  const found = await mapConcurrently(keys, READ_AT_ONCE, async (Key) => {
    const rows = await parquetRows(deployment, Key);
    const { id = '', ingestDate: date = '' } = PATH.exec(Key)?.groups ?? {};
    return {
      ...{ id, ingestDate: date, announcedAt: rows[0]?.compacted_at as Date },
      rows: new Map(rows.map((row) => [String(row.compacted_batch_id), JSON.parse(String(row.compacted_rows))])),
    };
  });
  const compactions = found.sort((one, other) => Number(one.announcedAt) - Number(other.announcedAt));
  const places = compactions.flatMap((compaction) =>
    [...compaction.rows.keys()].map((id) => [id, compaction] as const),
  );
  return { compactions, holders: new Map(places.filter(([id]) => !withdrawn.has(id))) };
}
