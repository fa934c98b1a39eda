import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { AirflowEnvironment } from './airflow-environment';

/** How often the bucket is looked at (milliseconds). MWAA takes about 30 seconds; nobody wants to wait that long here. */
const SYNC_MS = 2000;

/** The folder that Airflow reads its DAGs from, kept like the bucket's. */
export interface DagsFolder {
  readonly path: string;
  /** Ends the copying. */
  stop(): void;
}

/** Copies the DAGs of an environment's bucket to a folder, and keeps copying changes, as MWAA does. */
export async function followDags(
  s3: S3Client,
  { SourceBucketArn, DagS3Path }: AirflowEnvironment,
  path: string,
): Promise<DagsFolder> {
  const bucket = SourceBucketArn.slice(SourceBucketArn.lastIndexOf(':') + 1);
  const prefix = `${DagS3Path.replace(/\/$/, '')}/`;
  const known = new Map<string, string>();

  async function copy(key: string): Promise<void> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const file = join(path, key.slice(prefix.length));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, (await Body?.transformToByteArray()) ?? '');
  }

  async function sync(): Promise<void> {
    const gone = new Set(known.keys());
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
      for (const { Key: key = '', ETag: etag = '' } of page.Contents ?? []) {
        gone.delete(key);
        if (known.get(key) === etag) continue;
        await copy(key);
        known.set(key, etag);
      }
    }
    for (const key of gone) {
      rmSync(join(path, key.slice(prefix.length)), { force: true });
      known.delete(key);
    }
  }

  const ending = new AbortController();
  async function goOn(): Promise<void> {
    for (;;) {
      await sleep(SYNC_MS, undefined, { ref: false, signal: ending.signal });
      // If one copy fails because the local AWS is busy or stopping, the next one catches up.
      await sync().catch(() => {});
    }
  }

  mkdirSync(path, { recursive: true });
  await sync();
  goOn().catch(() => {});
  return { path, stop: () => ending.abort() };
}
