import { DeleteObjectsCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { type Batch, tablePartitionPrefix } from '../../contracts/object-keys';
import { FLATTENED_TABLES } from '../../contracts/tables';
import { TransientServiceError } from '../runtime/function-errors';
import { s3 } from '../storage/s3';

/**
 * Removes what the jobs of a batch have written under `tables/`. Its file events stay: they tell what happened.
 *
 * @returns how many objects were removed
 */
export async function withdrawBatch(bucket: string, batch: Batch): Promise<number> {
  let removed = 0;
  for (const table of FLATTENED_TABLES) {
    removed += await removeAll(bucket, tablePartitionPrefix(table, batch));
  }
  return removed;
}

async function removeAll(bucket: string, prefix: string): Promise<number> {
  let removed = 0;
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    const objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
    if (objects.length > 0) {
      // A page lists 1,000 keys at most, as many as DeleteObjects takes.
      const answer = await s3.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } }),
      );
      const [failure] = answer.Errors ?? [];
      if (failure) {
        throw new TransientServiceError(
          `s3://${bucket}/${failure.Key} could not be removed: ${failure.Code} ${failure.Message}`,
        );
      }
      removed += objects.length;
    }
  }
  return removed;
}
