import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { ObjectVersion } from '../ledger/identity';
import { mapConcurrently } from '../runtime/concurrency';
import { logger } from '../runtime/logging';
import { s3 } from '../storage/s3';

// CopyObject takes up to 5 GiB, but copies them one after the other, while S3 keeps the caller waiting: what is larger than a part is
// copied in parts. A multipart upload has at most 10,000 of at most 5 GiB (Amazon S3 User Guide, "Amazon S3 multipart upload limits").
const MAX_PARTS = 10_000;
// Parts of this size copy within seconds each, and ten at a time keep S3 busy without flooding it.
const BYTES_PER_PART = 256 * 1024 ** 2;
const PARTS_AT_A_TIME = 10;

/** A part of an object, both ends included, as the header `x-amz-copy-source-range` counts. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Percent-encodes everything but RFC 3986's unreserved characters: S3 decodes the header's `+` and `%2B` otherwise. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Value of the header `x-amz-copy-source` for one version of an object; the SDK sends it as it is given. */
export function copySource({ bucket, key, versionId }: ObjectVersion): string {
  const path = key.split('/').map(percentEncoded).join('/');
  return `${bucket}/${path}?versionId=${percentEncoded(versionId)}`;
}

/** Cuts an object into as few parts as S3 takes of the usual size, or into 10,000 larger ones. */
export function partRanges(sizeBytes: number): ByteRange[] {
  const partSize = Math.max(BYTES_PER_PART, Math.ceil(sizeBytes / MAX_PARTS));
  return Array.from({ length: Math.ceil(sizeBytes / partSize) }, (_, index) => ({
    first: index * partSize,
    last: Math.min((index + 1) * partSize, sizeBytes) - 1,
  }));
}

/**
 * Copies one version of an object within S3: no byte passes through the function. The producer's metadata and tags stay
 * behind; the jobs go by the manifest alone (and copying tags would need permissions of its own).
 */
export async function copyObjectVersion(
  source: ObjectVersion,
  sizeBytes: number,
  target: { bucket: string; key: string },
): Promise<void> {
  if (sizeBytes > BYTES_PER_PART) {
    await copyInParts(source, sizeBytes, target);
    return;
  }
  await s3.send(
    new CopyObjectCommand({
      Bucket: target.bucket,
      Key: target.key,
      CopySource: copySource(source),
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      ContentType: 'application/octet-stream',
    }),
  );
}

async function copyInParts(
  source: ObjectVersion,
  sizeBytes: number,
  { bucket, key }: { bucket: string; key: string },
): Promise<void> {
  const destination = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...destination, ContentType: 'application/octet-stream' }),
  );
  const upload = { ...destination, UploadId };
  try {
    const parts = await mapConcurrently(
      [...partRanges(sizeBytes).entries()],
      PARTS_AT_A_TIME,
      async ([index, range]) => {
        const PartNumber = index + 1;
        const { CopyPartResult } = await s3.send(
          new UploadPartCopyCommand({
            ...upload,
            PartNumber,
            CopySource: copySource(source),
            CopySourceRange: `bytes=${range.first}-${range.last}`,
          }),
        );
        return { PartNumber, ETag: CopyPartResult?.ETag };
      },
    );
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    // Parts of an upload that is left open are stored, unseen, and billed, until the bucket's lifecycle rule ends it.
    await s3.send(new AbortMultipartUploadCommand(upload)).catch((failure: unknown) => {
      logger.warn('An unfinished multipart upload was left behind', { key, failure: failure as Error });
    });
    throw error;
  }
}
