import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { REPLACED_FILE_METADATA, REPLACED_VERSION_METADATA } from '../../contracts/stand-ins';
import { RECORDS_METADATA } from '../../contracts/streams';
import { fileId, type ObjectVersion } from '../ledger/identity';
import type { Transition } from '../ledger/ledger';
import { httpStatus, responseHeader } from '../runtime/function-errors';
import { s3 } from '../storage/s3';
import { ending } from './endings';

/** What S3 says of an object version. */
export interface ReceivedObject {
  readonly sizeBytes: number;
  /** Without quotation marks, as in S3's events. */
  readonly etag: string;
  /** CRC-64/NVME of the whole object in base64, where S3 has it. */
  readonly checksum: string | undefined;
  /** How many records its producer says that it holds, where it says so. */
  readonly statedRecords: number | undefined;
  /** Whether `erase` has put it in the place of another version of the same object. */
  readonly isStandIn: boolean;
}

/** S3 does not hand out an object version: this says something about the file, not about the pipeline. */
export class ObjectRefused extends Error {
  override readonly name = 'ObjectRefused';

  constructor(
    readonly transition: Transition,
    cause: unknown,
  ) {
    super(transition.detail, { cause });
  }
}

function address({ bucket, key, versionId }: ObjectVersion) {
  return { Bucket: bucket, Key: key, VersionId: versionId };
}

/** Asks S3 for size, ETag, checksum and metadata. Throws ObjectRefused where S3 refuses. */
export async function headObjectVersion(version: ObjectVersion): Promise<ReceivedObject> {
  const head = await reading(s3.send(new HeadObjectCommand({ ...address(version), ChecksumMode: 'ENABLED' })));
  const metadata = head.Metadata ?? {};
  const stated = metadata[RECORDS_METADATA] ?? '';
  const replaced = metadata[REPLACED_VERSION_METADATA];
  return {
    sizeBytes: head.ContentLength ?? 0,
    etag: (head.ETag ?? '').replace(/^"|"$/g, ''),
    // A composite checksum depends on the parts that the object was uploaded in, so it says nothing about the content alone.
    checksum: head.ChecksumType === 'FULL_OBJECT' ? head.ChecksumCRC64NVME : undefined,
    // Anybody who puts an object writes its metadata.
    statedRecords: /^\d{1,15}$/.test(stated) ? Number(stated) : undefined,
    isStandIn:
      replaced !== undefined && metadata[REPLACED_FILE_METADATA] === fileId({ ...version, versionId: replaced }),
  };
}

/** Reads bytes `first` to `last`, both included. Throws ObjectRefused where S3 refuses. */
export async function readRange(version: ObjectVersion, first: number, last: number): Promise<Uint8Array> {
  const range = `bytes=${first}-${last}`;
  const { Body } = await reading(s3.send(new GetObjectCommand({ ...address(version), Range: range })));
  return (await Body?.transformToByteArray()) ?? new Uint8Array();
}

/**
 * S3 answers 405 to a request for the version of a delete marker. 404 says that a version is gone, but only to those who may
 * list the bucket; all others get 403 (Amazon S3 API Reference, HeadObject). An archived object and a malformed version id are
 * refused by 403 and 400.
 */
async function reading<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const status = httpStatus(error);
    if (status === 405 || responseHeader(error, 'x-amz-delete-marker') === 'true') {
      throw new ObjectRefused(ending('DELETE_MARKER'), error);
    }
    if (status === 404) {
      throw new ObjectRefused(ending('VANISHED'), error);
    }
    if (status === 403 || status === 400) {
      throw new ObjectRefused(ending('ACCESS_DENIED', `${status} ${(error as Error).name}`), error);
    }
    throw error;
  }
}

/**
 * Awaits a copy from a received object. That the version is gone says something about the file; any other refusal may as well
 * be about the target, and stays an error.
 */
export async function copying(copy: Promise<void>): Promise<void> {
  try {
    await copy;
  } catch (error) {
    if (error instanceof Error && (error.name === 'NoSuchVersion' || error.name === 'NoSuchKey')) {
      throw new ObjectRefused(ending('VANISHED'), error);
    }
    throw error;
  }
}
