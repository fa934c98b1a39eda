import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { sourceFolder } from '../../lib/contracts/object-keys';
import { sources } from '../../lib/contracts/sources';
import type { LedgerEntry } from '../../lib/functions/ledger/entry';
import { fileId } from '../../lib/functions/ledger/identity';
import type { Arrival } from '../../lib/functions/ledger/ledger';
import { examineFile, type RangeReader, type WholeForm } from '../../lib/functions/register-files/file-form';
import type { Deployment } from '../deployment';
import { filesByStatus } from '../ledger-queries';
import { rawVersions } from '../reconcile/state';
import { type AskedFile, askJobs, type Found, type Person } from './jobs';

/** A version of the raw bucket that holds records of the person. */
export interface Held {
  readonly version: Arrival;
  readonly entry: LedgerEntry | undefined;
  readonly found: Found;
  /** The file without them, on this machine, and its records as the jobs will count them; undefined if no record is left. */
  readonly rewritten: { readonly path: string; readonly records: number } | undefined;
}

/** Result of a search through all versions of a source. */
export interface Searched {
  readonly versions: number;
  readonly held: readonly Held[];
  /** Versions that cannot be read, or cannot be written without the person's records, and why. */
  readonly refused: readonly { readonly version: Arrival; readonly why: string }[];
  /** Versions below the folder of the source that are readable to nobody. */
  readonly unreadable: readonly Arrival[];
  /** Records that could be searched only in part. */
  readonly unread: number;
}

/** Bound of the downloads on this machine's disk at one time, without the files that are written again (bytes). */
const BYTES_AT_A_TIME = 256 * 1024 ** 2;
const FILES_AT_A_TIME = 100;

interface Candidate {
  readonly version: Arrival;
  readonly entry: LedgerEntry | undefined;
  readonly form: WholeForm;
}

/** Encoding and layout by which the intake reads a file; undefined if the file is empty. */
async function formOf(
  read: RangeReader,
  sizeBytes: number,
  key: string,
): Promise<WholeForm | 'unreadable' | undefined> {
  const verdict = await examineFile(read, sizeBytes, sources.get(sourceFolder(key) ?? ''));
  if (verdict.kind === 'readable') return verdict.form;
  return verdict.reason === 'BLANK' ? undefined : 'unreadable';
}

const rangesOf =
  ({ s3 }: Deployment, { bucket, key, versionId }: Arrival): RangeReader =>
  async (first, last) => {
    const place = { Bucket: bucket, Key: key, VersionId: versionId, Range: `bytes=${first}-${last}` };
    const { Body } = await s3.send(new GetObjectCommand(place));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  };

async function localForm(path: string, key: string): Promise<WholeForm | 'unreadable' | undefined> {
  const file = await open(path);
  try {
    const read: RangeReader = async (first, last) => {
      const bytes = new Uint8Array(last - first + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, first);
      return bytes.subarray(0, bytesRead);
    };
    const { size } = await file.stat();
    return size === 0 ? undefined : await formOf(read, size, key);
  } finally {
    await file.close();
  }
}

async function download({ s3 }: Deployment, { bucket, key, versionId }: Arrival, path: string): Promise<void> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
  if (!Body) throw new Error(`${key}: no content.`);
  // Only its owner reads it.
  await pipeline(Body as Readable, createWriteStream(path, { mode: 0o600 }));
}

/** The versions that belong to the source, by the ledger or by their content. */
async function candidates(deployment: Deployment, { source }: Person) {
  const [versions, entries] = await Promise.all([
    rawVersions(deployment),
    filesByStatus(deployment, { since: new Date(0) }),
  ]);
  const byId = new Map(entries.map((entry) => [entry.file_id, entry]));
  const found: Candidate[] = [];
  const unreadable: Arrival[] = [];
  for (const version of versions) {
    const entry = byId.get(fileId(version));
    const { sizeBytes = 0, key } = version;
    if (sizeBytes === 0 || (entry?.source !== undefined && entry.source !== source)) continue;
    const form = await formOf(rangesOf(deployment, version), sizeBytes, key);
    if (form === 'unreadable') {
      if (sourceFolder(key) === source) unreadable.push(version);
    } else if (form?.source.source === source) {
      found.push({ version, entry, form });
    }
  }
  // The oldest first, also within a second, where S3 lists the newest first: the later of two versions is then again published last.
  found.reverse().sort((a, b) => a.version.arrivedAt.localeCompare(b.version.arrivedAt));
  return { found, unreadable };
}

function portions(found: readonly Candidate[]): Candidate[][] {
  const lists: Candidate[][] = [];
  let room = 0;
  for (const candidate of found) {
    const bytes = candidate.version.sizeBytes ?? 0;
    const last = lists.at(-1);
    if (!last || bytes > room || last.length >= FILES_AT_A_TIME) {
      lists.push([candidate]);
      room = BYTES_AT_A_TIME - bytes;
    } else {
      last.push(candidate);
      room -= bytes;
    }
  }
  return lists;
}

/** Reads the rewritten file as the intake and the jobs will, and says what is wrong with it. */
async function faultOf(
  person: Person,
  { key }: Arrival,
  found: Found,
  path: string,
): Promise<string | { records: number }> {
  const form = await localForm(path, key);
  if (form === undefined || form === 'unreadable' || form.source.source !== person.source) {
    return 'written without the records, it would not be read as a file of its source any more';
  }
  const [again] = await askJobs(person, [{ path, key, form }]);
  if (!again || 'refusal' in again) return again?.refusal ?? 'written without the records, it could not be read again';
  if (again.own > 0 || again.others !== found.others || again.digest !== found.digest) {
    return 'written without the records, it would not hold the others as they are';
  }
  return { records: again.records };
}

/**
 * Reads every version of the source in the raw bucket as the jobs do. Versions with records of the person are rewritten without them, on
 * this machine. Nothing changes in AWS.
 *
 * @param folder for the files; the caller removes it
 */
export async function search(
  deployment: Deployment,
  person: Person,
  folder: string,
  say: (line: string) => void,
): Promise<Searched> {
  const { found, unreadable } = await candidates(deployment, person);
  const held: Held[] = [];
  const refused: { version: Arrival; why: string }[] = [];
  let unread = 0;
  let done = 0;
  for (const portion of portions(found)) {
    const files: AskedFile[] = [];
    for (const { version, form } of portion) {
      const path = join(folder, fileId(version));
      await download(deployment, version, path);
      files.push({ path, key: version.key, form, target: `${path}-without` });
    }
    const answers = await askJobs(person, files);
    for (const [index, { version, entry }] of portion.entries()) {
      const answer = answers[index];
      const { path, target = '' } = files[index] as AskedFile;
      await rm(path);
      if (!answer || 'refusal' in answer) {
        refused.push({ version, why: answer?.refusal ?? 'the jobs gave no answer' });
        continue;
      }
      unread += answer.unread;
      if (answer.own === 0) continue;
      // A copy of published content does not have to stay.
      if (answer.others === 0 || entry?.status === 'DUPLICATE') {
        held.push({ version, entry, found: answer, rewritten: undefined });
        continue;
      }
      const verdict = await faultOf(person, version, answer, target);
      if (typeof verdict === 'string') refused.push({ version, why: verdict });
      else held.push({ version, entry, found: answer, rewritten: { path: target, ...verdict } });
    }
    done += portion.length;
    say(`${done} of ${found.length} versions searched, ${held.length} hold records of the person`);
  }
  return { versions: found.length, held, refused, unreadable, unread };
}
