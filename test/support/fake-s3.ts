import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';

/** Error of S3 as the SDK throws it. */
export function s3Error(name: string, httpStatusCode: number): S3ServiceException {
  return new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } });
}

interface StoredVersion {
  readonly bytes: Uint8Array;
  readonly etag: string;
  /** Size that HEAD reports: larger than the bytes for an object that is too large to hold in a test. */
  readonly sizeBytes: number;
  readonly checksum?: string;
  readonly metadata?: Record<string, string> | undefined;
  readonly isDeleteMarker?: true;
}

const body = (bytes: Uint8Array) =>
  Object.assign(Readable.from([bytes]), {
    transformToByteArray: async () => bytes,
    transformToString: async () => new TextDecoder().decode(bytes),
  });

/** Versioned buckets in memory behind the mocked S3 client. */
export class FakeS3 {
  readonly mock = mockClient(S3Client);
  readonly versions = new Map<string, StoredVersion>();
  /** Unversioned objects, by `<bucket>/<key>`. */
  readonly objects = new Map<string, Uint8Array>();
  /** Errors for reading a version, by version id. */
  readonly refusals = new Map<string, Error>();
  /** Error of the next write, which then does not happen. */
  nextWriteError: Error | undefined;
  /** What happens when somebody puts a version into the raw bucket, or copies one there. */
  onArrival:
    | ((version: { key: string; versionId: string; size: number; etag: string }) => Promise<unknown>)
    | undefined;
  private put = 0;

  constructor() {
    this.mock.on(HeadObjectCommand).callsFake((input) => {
      const { etag, sizeBytes, checksum, metadata } = this.version(input);
      return {
        ...(metadata && { Metadata: metadata }),
        ETag: `"${etag}"`,
        ContentLength: sizeBytes,
        ...(checksum && { ChecksumCRC64NVME: checksum, ChecksumType: 'FULL_OBJECT' }),
      };
    });
    this.mock.on(GetObjectCommand).callsFake((input) => ({ Body: body(this.read(input)) }));
    this.mock.on(PutObjectCommand).callsFake((input) => {
      const error = this.nextWriteError;
      this.nextWriteError = undefined;
      if (error) throw error;
      const content = typeof input.Body === 'string' ? new TextEncoder().encode(input.Body) : input.Body;
      if (input.Bucket === 'raw') return this.receive(input.Key ?? '', content as Uint8Array, input.Metadata);
      this.objects.set(`${input.Bucket}/${input.Key}`, content as Uint8Array);
      return {};
    });
    this.mock.on(CopyObjectCommand).callsFake((input) => {
      if (input.Bucket === 'raw') {
        const { bytes, metadata } = this.copied(input.CopySource ?? '');
        return this.receive(input.Key ?? '', bytes, input.MetadataDirective === 'REPLACE' ? input.Metadata : metadata);
      }
      this.objects.set(`${input.Bucket}/${input.Key}`, this.copied(input.CopySource ?? '').bytes);
      return {};
    });
    this.mock.on(ListObjectsV2Command).callsFake((input) => ({
      Contents: [...this.objects.keys()]
        .filter((path) => path.startsWith(`${input.Bucket}/${input.Prefix}`))
        .map((path) => ({ Key: path.slice(`${input.Bucket}/`.length), Size: this.objects.get(path)?.length ?? 0 })),
    }));
    // One version a page: who lists them has to turn the pages.
    this.mock.on(ListObjectVersionsCommand).callsFake((input) => {
      const listed = [...this.versions].filter(([id]) => JSON.parse(id)[0].startsWith(input.Prefix));
      const at = input.VersionIdMarker
        ? listed.findIndex(([id]) => JSON.parse(id)[1] === input.VersionIdMarker) + 1
        : 0;
      const [Key, VersionId] = JSON.parse(listed[at]?.[0] ?? '[]');
      const version = listed[at]?.[1];
      const IsLatest = !listed.slice(at + 1).some(([id]) => JSON.parse(id)[0] === Key);
      const LastModified = new Date(Date.parse('2026-11-21T08:59:58Z') + at);
      const named = { Key, VersionId, LastModified, IsLatest };
      return {
        Versions:
          version && !version.isDeleteMarker ? [{ ...named, Size: version.sizeBytes, ETag: `"${version.etag}"` }] : [],
        DeleteMarkers: version?.isDeleteMarker ? [named] : [],
        IsTruncated: at + 1 < listed.length,
        NextKeyMarker: Key,
        NextVersionIdMarker: VersionId,
      };
    });
    this.mock.on(DeleteObjectCommand).callsFake(({ Bucket, Key = '', VersionId }) => {
      if (Bucket !== 'raw') this.objects.delete(`${Bucket}/${Key}`);
      else if (VersionId) this.versions.delete(JSON.stringify([Key, VersionId]));
      else {
        this.put += 1;
        const marker = { bytes: new Uint8Array(), etag: '', sizeBytes: 0, isDeleteMarker: true } as const;
        this.versions.set(JSON.stringify([Key, `marker-${this.put}`]), marker);
      }
      return {};
    });
    this.mock.on(DeleteObjectsCommand).callsFake((input) => {
      for (const { Key } of input.Delete?.Objects ?? []) this.objects.delete(`${input.Bucket}/${Key}`);
      return {};
    });
    this.mock.on(CreateMultipartUploadCommand).resolves({ UploadId: 'upload' });
    this.mock
      .on(UploadPartCopyCommand)
      .callsFake((input) => ({ CopyPartResult: { ETag: `part ${input.PartNumber}` } }));
    this.mock.on(CompleteMultipartUploadCommand).resolves({});
    this.mock.on(AbortMultipartUploadCommand).resolves({});
  }

  private async receive(key: string, bytes: Uint8Array, metadata?: Record<string, string>) {
    this.put += 1;
    const versionId = `put-${this.put}`;
    const etag = createHash('md5').update(bytes).digest('hex');
    this.versions.set(JSON.stringify([key, versionId]), { bytes, etag, sizeBytes: bytes.length, metadata });
    await this.onArrival?.({ key, versionId, size: bytes.length, etag });
    return { VersionId: versionId };
  }

  /** Text of an object of the processed bucket. */
  text(key: string): string {
    const bytes = this.objects.get(`processed/${key}`);
    if (!bytes) throw new Error(`no object ${key}; there are ${[...this.objects.keys()].join(', ')}`);
    return new TextDecoder().decode(bytes);
  }

  private version({ Key, VersionId }: { Key?: string | undefined; VersionId?: string | undefined }): StoredVersion {
    const refusal = this.refusals.get(VersionId ?? '');
    if (refusal) throw refusal;
    const version = this.versions.get(JSON.stringify([Key, VersionId]));
    if (!version) throw s3Error('NotFound', 404);
    return version;
  }

  private read(input: {
    Bucket?: string | undefined;
    Key?: string | undefined;
    VersionId?: string | undefined;
    Range?: string | undefined;
  }): Uint8Array {
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(input.Range ?? '') ?? [];
    if (input.VersionId === undefined) {
      const bytes = this.objects.get(`${input.Bucket}/${input.Key}`);
      if (!bytes)
        throw new NoSuchKey({ message: 'The specified key does not exist.', $metadata: { httpStatusCode: 404 } });
      return input.Range === undefined ? bytes : bytes.subarray(Number(first), Number(last) + 1);
    }
    const { bytes } = this.version(input);
    return input.Range === undefined ? bytes : bytes.subarray(Number(first), Number(last) + 1);
  }

  /** Decodes the header as S3 does. */
  private copied(copySource: string): StoredVersion {
    const [, encodedKey = '', versionId = ''] = /^raw\/(.*)\?versionId=(.*)$/.exec(copySource) ?? [];
    const version = this.versions.get(JSON.stringify([decodeURIComponent(encodedKey), decodeURIComponent(versionId)]));
    if (!version) throw s3Error('NoSuchVersion', 404);
    return version;
  }
}
