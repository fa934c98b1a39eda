import { accessSync, constants, createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import { sources } from '../../lib/contracts/sources';
import type { Deployed } from '../platform/platform';

/** A file of this machine and the key it gets in the raw bucket. */
export interface LocalFile {
  readonly path: string;
  readonly key: string;
}

/** An object version in the raw bucket that a file of this machine became. */
export interface DroppedFile extends LocalFile {
  /** Its name in messages: the key without the prefix that all keys have. */
  readonly name: string;
  readonly versionId: string;
  /** When it was dropped (milliseconds since the epoch). */
  readonly droppedAt: number;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @throws Error where the file could not be dropped */
function refuseUnreadable(file: string): void {
  if (!statSync(file).isFile()) throw new Error(`${file}: neither a file nor a folder.`);
  try {
    accessSync(file, constants.R_OK);
  } catch {
    throw new Error(`${file}: no permission to read it.`);
  }
}

/** Names below `reviews/`: the path within a folder that was named, the bare name of a file that was named. */
function namesOf(path: string): { path: string; name: string }[] {
  if (!existsSync(path)) throw new Error(`${path}: no such file or folder.`);
  const isFolder = statSync(path).isDirectory();
  const files = isFolder ? filesBelow(path) : [path];
  if (files.length === 0) throw new Error(`${path}: the folder holds no files.`);
  files.forEach(refuseUnreadable);
  if (!isFolder) return [{ path, name: basename(path) }];
  return files.map((file) => ({ path: file, name: relative(path, file).split(sep).join('/') }));
}

/**
 * Finds the files to drop and their keys: `reviews/[<source>/]<name>`. Two files of one name get keys of their own.
 *
 * @param paths files and folders
 * @param source name of a source contract, where every file is of that producer
 * @throws Error that names a source without a contract, or a path that is not there, cannot be read or holds nothing
 */
export function filesToDrop(paths: readonly string[], source?: string): LocalFile[] {
  if (source && !sources.has(source)) {
    throw new Error(`--source ${source}: no such source contract; there are ${[...sources.keys()].sort().join(', ')}.`);
  }
  const prefix = source ? `${REVIEWS_PREFIX}${source}/` : REVIEWS_PREFIX;
  const taken = new Set<string>();
  return paths.flatMap(namesOf).map(({ path, name }) => {
    let key = `${prefix}${name}`;
    for (let copy = 2; taken.has(key); copy += 1) key = `${prefix}${copy}/${name}`;
    taken.add(key);
    return { path, key };
  });
}

/**
 * The files that a user names, or undefined where none are named and the sample is meant.
 *
 * @throws Error as `filesToDrop` does, or that a producer is named without files
 */
export function filesNamed(paths: readonly string[], source?: string): LocalFile[] | undefined {
  if (paths.length > 0) return filesToDrop(paths, source);
  if (source) throw new Error(`--source ${source}: no files are named. Name them, or leave it out.`);
  return undefined;
}

/** Up to this size a file is read whole before it is sent: by parts it takes longer (bytes). */
const SMALL_BYTES = 1024 * 1024;

/** Parts of a larger file that are held at one time: many files are dropped at once. */
const PARTS_AT_ONCE = 2;

/** Puts one file into the raw bucket, as a producer would. */
export async function drop({ aws, outputs }: Deployed, file: LocalFile): Promise<DroppedFile> {
  const droppedAt = Date.now();
  const { size } = statSync(file.path);
  const place = { Bucket: outputs.RawBucketName, Key: file.key };
  // Both are sent again where a connection breaks off, which a request with a stream for its body is not.
  const { VersionId } =
    size <= SMALL_BYTES
      ? await aws.s3.send(new PutObjectCommand({ ...place, Body: readFileSync(file.path), ContentLength: size }))
      : await new Upload({
          client: aws.s3,
          params: { ...place, Body: createReadStream(file.path) },
          queueSize: PARTS_AT_ONCE,
        }).done();
  if (!VersionId) throw new Error(`${file.key}: the raw bucket gave no version id; it must be versioned.`);
  return { ...file, name: file.key.slice(REVIEWS_PREFIX.length), versionId: VersionId, droppedAt };
}
