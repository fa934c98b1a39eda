import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { BUCKET_FOLDERS } from '../../lib/orchestration/airflow-names';
import { LOCAL } from '../paths';

/** dbt's project as a run of the DAG has parsed it. In AWS it stays in the bucket; here each run has a bucket of its own. */
const KEPT = join(LOCAL, 'dbt', 'parsed-by-airflow.msgpack');

/** Where the DAG leaves it for its next run (airflow/dags/transformation/operators.py). */
const KEY = `${BUCKET_FOLDERS.artifacts}/between-runs/partial_parse.msgpack`;

/** Copies what an earlier run has parsed, if there is any. dbt itself checks which parts are still valid. */
export async function bringParsedProject(s3: S3Client, bucket: string, kept = KEPT): Promise<void> {
  let parsed: Buffer;
  try {
    parsed = readFileSync(kept);
  } catch {
    return;
  }
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: KEY, Body: parsed }));
}

/** Keeps what the DAG has parsed for later runs. */
export async function keepParsedProject(s3: S3Client, bucket: string, kept = KEPT): Promise<void> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: KEY }));
    const made = `${kept}.${process.pid}`;
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(made, (await Body?.transformToByteArray()) ?? '');
    renameSync(made, kept);
  } catch (error) {
    // A run whose build never began has parsed nothing.
    if (!(error instanceof NoSuchKey)) throw error;
  }
}
