import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { COMPACTED_SUFFIX } from '../lib/contracts/object-keys';
import { TABLES_PREFIX } from '../lib/contracts/prefixes';
import { mapConcurrently } from '../lib/functions/runtime/concurrency';
import { type Compacted, readCompactions } from './compactions';
import type { Deployment } from './deployment';
import { rowsOfBatch } from './ledger-queries';
import { parquetRows, type Row } from './parquet-objects';

const READ_AT_ONCE = 16;

/** A record that published a version of a review, or said that it is deleted. */
export interface Mention {
  readonly kind: 'VERSION' | 'DELETION';
  readonly batchId: string;
  /** Key in the raw bucket; null where the ledger knows the file no longer. */
  readonly key: string | null;
  readonly record: number;
  /** Of a version its last change, of a deletion when it was asked for: the greatest time decides. */
  readonly at: Date;
  readonly ingestedAt: Date;
  /** Of a deletion: SOURCE or ERASURE. */
  readonly reason: string | null;
}

/** What the published tables say of a review, in the order in which it counts: the newest last. */
export async function mentionsOf(deployment: Deployment, reviewKey: string): Promise<Mention[]> {
  const compacted = await readCompactions(deployment);
  const versions = await rowsWith(deployment, compacted, 'reviews', reviewKey, ['created_at', 'updated_at']);
  const deletions = await rowsWith(deployment, compacted, 'deleted_reviews', reviewKey, ['deleted_at', 'reason']);
  const mentions = await Promise.all([
    ...versions.map((row) => mention(deployment, 'VERSION', (row.updated_at ?? row.created_at) as Date, row)),
    ...deletions.map((row) => mention(deployment, 'DELETION', row.deleted_at as Date, row)),
  ]);
  return mentions.sort(
    (one, other) =>
      Number(one.at) - Number(other.at) ||
      // A deletion takes the versions of its own time, too.
      other.kind.localeCompare(one.kind) ||
      Number(one.ingestedAt) - Number(other.ingestedAt) ||
      one.batchId.localeCompare(other.batchId),
  );
}

/** Rows of a review that readers see: those of a compacted batch in the files of its compaction. */
async function rowsWith(
  deployment: Deployment,
  { holders }: Compacted,
  table: 'reviews' | 'deleted_reviews',
  reviewKey: string,
  columns: readonly string[],
): Promise<Row[]> {
  const { s3, outputs } = deployment;
  const keys: string[] = [];
  const place = { Bucket: outputs.ProcessedBucketName, Prefix: `${TABLES_PREFIX}${table}/` };
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
    keys.push(...Contents.flatMap(({ Key }) => (Key?.endsWith('.parquet') ? [Key] : [])));
  }
  const found = await mapConcurrently(keys, READ_AT_ONCE, async (key) => {
    const folder = /batch_id=(?<id>[^/]+)/.exec(key)?.groups?.id ?? '';
    const origin = folder.endsWith(COMPACTED_SUFFIX) ? ['original_batch_id'] : [];
    const wanted = {
      columns: ['review_key', 'file_id', 'record_number', 'ingested_at', ...origin, ...columns],
      filter: { review_key: { $eq: reviewKey } },
    };
    const rows = await parquetRows(deployment, key, wanted);
    return rows
      .map((row): Row => ({ ...row, batch_id: row.original_batch_id ?? folder }))
      .filter(({ batch_id }) => (holders.get(String(batch_id))?.id ?? batch_id) === folder);
  });
  return found.flat();
}

async function mention(deployment: Deployment, kind: Mention['kind'], at: Date, row: Row): Promise<Mention> {
  const batchId = String(row.batch_id);
  const entry = (await rowsOfBatch(deployment, batchId)).find(({ file_id }) => file_id === row.file_id);
  return {
    kind,
    batchId,
    key: entry ? entry.object.slice(entry.object.indexOf('/') + 1) : null,
    record: Number(row.record_number),
    at,
    ingestedAt: row.ingested_at as Date,
    reason: (row.reason as string | undefined) ?? null,
  };
}
