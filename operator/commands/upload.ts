import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { filesToDrop, type LocalFile } from '../../local/run/drop';
import type { Deployment } from '../deployment';
import { OperatorError } from '../operator-error';
import { json } from '../text';
import type { Watching } from '../watching';
import { validate } from './validate';

interface UploadOptions {
  readonly source?: string;
  /** Uploads nothing unless every file has something that would be published. */
  readonly check?: true;
  readonly json?: true;
}

/** Parts of a file that are sent at the same time, and the size of a part (bytes): three times the minimum of S3. */
const PARTS_AT_ONCE = 4;
const PART_BYTES = 16 * 1024 ** 2;

/** Metadata that tells a repeated upload that the file is there already: with KMS an ETag says nothing about the content. */
const DIGEST = 'sha256';

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function isThere({ s3, outputs }: Deployment, key: string, digest: string): Promise<boolean> {
  try {
    const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: outputs.RawBucketName, Key: key }));
    return Metadata?.[DIGEST] === digest;
  } catch (error) {
    if (['NotFound', 'NoSuchKey'].includes((error as Error).name)) return false;
    throw error;
  }
}

async function checked(files: readonly LocalFile[], source: string | undefined): Promise<void> {
  const { text, allPublishable } = await validate(
    files.map(({ path }) => path),
    source === undefined ? {} : { source },
  );
  if (!allPublishable) {
    throw new OperatorError(
      `${text}\n\nNothing was put: of one file or more nothing would be published.`,
      'Correct them, or leave out --check.',
    );
  }
}

/**
 * Uploads files to the raw bucket, as a producer would: in parts, each sent again if it fails. Files that an interrupted upload has
 * finished are not sent again.
 */
export async function upload(
  deployment: Deployment,
  paths: readonly string[],
  options: UploadOptions,
  watching: Watching,
): Promise<string> {
  const files = filesToDrop(paths, options.source);
  if (options.check) await checked(files, options.source);
  const total = files.reduce((sum, { path }) => sum + statSync(path).size, 0);
  const put: string[] = [];
  const present: string[] = [];
  let sent = 0;
  await watching('Upload', async (say) => {
    for (const { path, key } of files) {
      const digest = await digestOf(path);
      if (await isThere(deployment, key, digest)) {
        present.push(key);
      } else {
        await send(deployment, { path, key, digest }, (bytes) =>
          say(`${key}: ${Math.floor((100 * (sent + bytes)) / Math.max(1, total))} % of all`),
        );
        put.push(key);
      }
      sent += statSync(path).size;
    }
  });
  if (options.json) return json({ put, present });
  return [
    `${put.length} files put${present.length > 0 ? `, ${present.length} were there already` : ''}.`,
    ...put.map((key) => `  ${key}`),
    ...(put.length > 0 ? [`Follow them with: status, or files ${put[0]}`] : []),
  ].join('\n');
}

async function send(
  { s3, outputs }: Deployment,
  { path, key, digest }: LocalFile & { readonly digest: string },
  progress: (bytes: number) => void,
): Promise<void> {
  const sending = new Upload({
    client: s3,
    params: {
      Bucket: outputs.RawBucketName,
      Key: key,
      Body: createReadStream(path),
      Metadata: { [DIGEST]: digest },
    },
    queueSize: PARTS_AT_ONCE,
    partSize: PART_BYTES,
    // A part that stays behind costs money and is not listed as an object.
    leavePartsOnError: false,
  });
  sending.on('httpUploadProgress', ({ loaded = 0 }) => progress(loaded));
  await sending.done();
}
