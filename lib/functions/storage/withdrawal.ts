import { DeleteObjectsCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { type Batch, tablePartitionPrefix, withdrawnMarkKey } from '../../contracts/object-keys';
import { FLATTENED_TABLES } from '../../contracts/tables';
import { TransientServiceError } from '../runtime/function-errors';
import { s3 } from './s3';

/**
 * Removes what a batch that a later one replaces has published, wherever it is: its own files now, its rows in files of a compaction
 * with the next one.
 *
 * @param client client of S3; by default that of the function itself
 */
export async function withdrawReplaced(bucket: string, batch: Batch, client: S3Client = s3): Promise<void> {
  await client.send(
    // With its length: the SDK warns of an empty body, as of one of unknown length.
    new PutObjectCommand({ Bucket: bucket, Key: withdrawnMarkKey(batch), Body: '', ContentLength: 0 }),
  );
  await withdrawBatch(bucket, batch, client);
}

/**
 * Removes what the jobs of a batch have written under `tables/`. Its file events stay: they tell what happened.
 *
 * @param client client of S3; by default that of the function itself
 * @returns how many objects were removed
 */
export async function withdrawBatch(bucket: string, batch: Batch, client: S3Client = s3): Promise<number> {
  let removed = 0;
  for (const table of FLATTENED_TABLES) {
    removed += await removeAll(bucket, tablePartitionPrefix(table, batch), client);
  }
  return removed;
}

/** Removes every object below a prefix of a bucket that is not versioned; returns how many. */
export async function removeAll(bucket: string, prefix: string, client: S3Client): Promise<number> {
  let removed = 0;
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    const objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
    if (objects.length > 0) {
      // A page lists 1,000 keys at most, as many as DeleteObjects takes.
      const answer = await client.send(
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
