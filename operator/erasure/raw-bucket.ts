import { createReadStream } from 'node:fs';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { REPLACED_FILE_METADATA, REPLACED_VERSION_METADATA } from '../../lib/contracts/stand-ins';
import { fileId, type ObjectVersion } from '../../lib/functions/ledger/identity';
import type { Arrival } from '../../lib/functions/ledger/ledger';
import { copySource } from '../../lib/functions/register-files/server-side-copy';
import type { Deployment } from '../deployment';

interface Listed {
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly at: number;
  readonly isLatest: boolean;
}

/** Versions and delete markers of one object, the newest first. */
async function listed({ s3 }: Deployment, bucket: string, key: string): Promise<Listed[]> {
  const found: Listed[] = [];
  let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (from) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, ...from }),
    );
    for (const [items, isDeleteMarker] of [[page.Versions, false] as const, [page.DeleteMarkers, true] as const]) {
      for (const { Key, VersionId = '', LastModified, IsLatest = false } of items ?? []) {
        if (Key === key)
          found.push({ versionId: VersionId, isDeleteMarker, at: Number(LastModified), isLatest: IsLatest });
      }
    }
    from = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
  return found.sort((a, b) => Number(b.isLatest) - Number(a.isLatest) || b.at - a.at);
}

async function replacedBy({ s3 }: Deployment, { bucket, key, versionId }: ObjectVersion): Promise<string | undefined> {
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  return head.Metadata?.[REPLACED_VERSION_METADATA];
}

/** Versions of one object that earlier calls of `putInPlace` made, by the version that they replace. */
async function replacements(deployment: Deployment, bucket: string, key: string): Promise<Map<string, Listed>> {
  const found = new Map<string, Listed>();
  for (const version of await listed(deployment, bucket, key)) {
    const { versionId, isDeleteMarker } = version;
    const replaced = isDeleteMarker ? undefined : await replacedBy(deployment, { bucket, key, versionId });
    if (replaced) found.set(replaced, version);
  }
  return found;
}

/**
 * Puts the file as a version that replaces another one, unless it is there already. The intake leaves it to an execution that the caller
 * starts.
 */
export async function putInPlace(deployment: Deployment, replaced: Arrival, path: string): Promise<Arrival> {
  const { bucket, key, versionId } = replaced;
  const earlier = (await replacements(deployment, bucket, key)).get(versionId);
  if (earlier) {
    return { bucket, key, versionId: earlier.versionId, arrivedAt: new Date(earlier.at).toISOString() };
  }
  const Metadata = { [REPLACED_VERSION_METADATA]: versionId, [REPLACED_FILE_METADATA]: fileId(replaced) };
  const params = { Bucket: bucket, Key: key, Body: createReadStream(path), Metadata };
  const { VersionId = 'null' } = await new Upload({ client: deployment.s3, params }).done();
  return { bucket, key, versionId: VersionId, arrivedAt: new Date().toISOString() };
}

/**
 * Makes the version current that was current before older ones were replaced. Hides the object if it was deleted, or if nothing is left
 * of its newest version.
 *
 * @param erased ids of the object's versions that are erased
 * @param gone those of them that have no replacement
 */
export async function restoreCurrent(
  deployment: Deployment,
  { bucket, key }: ObjectVersion,
  { erased, gone }: { readonly erased: ReadonlySet<string>; readonly gone: ReadonlySet<string> },
): Promise<void> {
  const versions = await listed(deployment, bucket, key);
  const [newest] = versions;
  if (!newest || newest.isDeleteMarker) return;
  const inPlace = new Map<string, string>();
  for (const [replaced, { versionId }] of await replacements(deployment, bucket, key)) {
    if (erased.has(replaced)) inPlace.set(versionId, replaced);
  }
  const replaced = inPlace.get(newest.versionId);
  if (!replaced && !gone.has(newest.versionId)) return;
  const before = versions.find(({ versionId }) => !inPlace.has(versionId));
  if (!before || before.versionId === replaced) return;
  if (before.isDeleteMarker || gone.has(before.versionId)) {
    await deployment.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  } else {
    // Its replacement, never the erased version itself.
    const [standIn = before.versionId] = [...inPlace].find(([, replaces]) => replaces === before.versionId) ?? [];
    const CopySource = copySource({ bucket, key, versionId: standIn });
    // Without its metadata, which would make the copy a stand-in, too: this one the intake takes, and finds to be the same content.
    await deployment.s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: key, CopySource, MetadataDirective: 'REPLACE' }),
    );
  }
}

/** Deletes a version for good. */
export const deleteVersion = ({ s3 }: Deployment, { bucket, key, versionId }: ObjectVersion): Promise<unknown> =>
  s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
