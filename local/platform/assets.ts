import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssetManifestArtifact, type CloudAssembly } from 'aws-cdk-lib/cx-api';
import { zipSync } from 'fflate';
import { mapConcurrently } from '../../lib/functions/runtime/concurrency';
import { ACCOUNT, type AwsClients, REGION } from './aws-clients';

const UPLOADS_AT_ONCE = 4;

/** Fills the placeholders that an environment-agnostic asset manifest leaves to the deployer. */
export const resolve = (text: string): string =>
  text
    .replaceAll('${AWS::AccountId}', ACCOUNT)
    .replaceAll('${AWS::Region}', REGION)
    .replaceAll('${AWS::Partition}', 'aws');

function zip(folder: string): Uint8Array {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return zipSync(Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path)])), { level: 1 });
}

/** Content of an asset to upload. A folder's zip is kept beside it, because zipping takes longer than the rest of an upload. */
function content(path: string): Uint8Array {
  if (!statSync(path).isDirectory()) return readFileSync(path);
  const kept = `${path}.zip`;
  if (!existsSync(kept)) {
    const made = `${kept}.${process.pid}`;
    writeFileSync(made, zip(path));
    renameSync(made, kept);
  }
  return readFileSync(kept);
}

async function ensureBucket({ s3 }: AwsClients, bucket: string): Promise<void> {
  const exists = await s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => true,
    () => false,
  );
  if (!exists) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
}

/** Uploads every file asset of an assembly to where its manifests say. */
export async function publishAssets(aws: AwsClients, assembly: CloudAssembly): Promise<void> {
  const manifests = assembly.artifacts.filter((artifact) => AssetManifestArtifact.isAssetManifestArtifact(artifact));
  const uploads = new Map<string, { readonly bucket: string; readonly key: string; readonly path: string }>();
  for (const { source, destinations } of manifests.flatMap(({ contents }) => Object.values(contents.files ?? {}))) {
    for (const { bucketName, objectKey } of Object.values(destinations)) {
      const bucket = resolve(bucketName);
      const path = join(assembly.directory, source.path ?? '');
      uploads.set(`${bucket}/${objectKey}`, { bucket, key: objectKey, path });
    }
  }
  for (const bucket of new Set([...uploads.values()].map((upload) => upload.bucket))) await ensureBucket(aws, bucket);
  await mapConcurrently([...uploads.values()], UPLOADS_AT_ONCE, ({ bucket, key, path }) =>
    aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content(path) })),
  );
}
