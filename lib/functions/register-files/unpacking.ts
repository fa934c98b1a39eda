import type { Transform } from 'node:stream';
import { constants, createGunzip, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { FileFormat } from '../../contracts/file-formats';
import { formatOf } from '../../contracts/file-formats';
import type { BinaryFormat } from '../../contracts/sources';

export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2';
export type Archive = 'tar' | 'zip';

/** What is under a file's compression and archive, as far as its first bytes show it. */
export interface Unpacked {
  readonly compression: Compression;
  readonly archive?: Archive;
  /** A format of rows in binary, which only the jobs read; absent where the content is text. */
  readonly binary?: BinaryFormat;
  /** The beginning of the text (of an archive, of its first member); undefined where it cannot be seen from here. */
  readonly bytes: Uint8Array | undefined;
  /** Whether that is all there is in the bytes that were given. */
  readonly ended: boolean;
}

/** A file that no job reads, and what to say of it. */
export interface Refused {
  readonly refusal: string;
}

/** Most bytes of a compressed file that are looked at: as many as of a plain file, so a bomb stays harmless. */
const MAX_INFLATED_BYTES = 1024 * 1024;
const TAR_BLOCK = 512;
// An ordinary file: '0', or a zero byte in old archives (POSIX, "ustar Interchange Format").
const ORDINARY_FILE = [0x30, 0];
const DEFLATED = 8;
const STORED = 0;
// Word, Excel and PowerPoint begin with one of these members, OpenDocument with the other.
const OFFICE_MEMBER = /^(\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/|word\/|mimetype$)/;

/** Looks through compression and archive, by magic numbers alone: names and suffixes say nothing. */
export async function unpackPrefix(bytes: Uint8Array): Promise<Unpacked | Refused> {
  const outer = formatOf(bytes);
  switch (outer?.reader) {
    case undefined:
      return outer ? refused(outer) : { compression: 'none', bytes, ended: true };
    case 'gzip':
      return inside('gzip', await inflate(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }), bytes));
    case 'zstd':
      return inside('zstd', await inflate(createZstdDecompress({ finishFlush: constants.ZSTD_e_flush }), bytes));
    case 'bzip2':
      return { compression: 'bzip2', bytes: undefined, ended: false };
    case 'tar':
      return { compression: 'none', archive: 'tar', ...firstOfTar(bytes) };
    case 'zip':
      return firstOfZip(bytes);
    case 'avro':
    case 'parquet':
      return { compression: 'none', binary: outer.reader, bytes: undefined, ended: false };
  }
}

function refused({ name, advice }: FileFormat): Refused {
  return { refusal: `It is ${name}. ${advice ?? 'Unpack it and put what it holds.'}` };
}

function inside(
  compression: 'gzip' | 'zstd',
  { inflated, ended }: { inflated: Uint8Array; ended: boolean },
): Unpacked | Refused {
  const inner = formatOf(inflated);
  if (inner?.reader === 'tar') {
    return { compression, archive: 'tar', ...firstOfTar(inflated) };
  }
  if (inner?.reader === 'avro' || inner?.reader === 'parquet') {
    return { compression, binary: inner.reader, bytes: undefined, ended: false };
  }
  if (inner) {
    return { refusal: `It is ${inner.name} inside of ${compression}. Unpack it once and put it again.` };
  }
  return { compression, bytes: inflated, ended };
}

/** Inflates as much of a compressed stream as there is, wherever it is cut or corrupt. */
async function inflate(stream: Transform, bytes: Uint8Array): Promise<{ inflated: Uint8Array; ended: boolean }> {
  stream.end(bytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_INFLATED_BYTES) {
        return { inflated: Buffer.concat(chunks), ended: false };
      }
    }
  } catch {
    // A corrupt stream: what came out before the fault is all there is.
  }
  return { inflated: Buffer.concat(chunks), ended: true };
}

/** The beginning of the first member of a tar archive that looks like JSON. */
function firstOfTar(bytes: Uint8Array): { bytes: Uint8Array | undefined; ended: boolean } {
  for (let at = 0; at + TAR_BLOCK <= bytes.length; ) {
    const size = Number.parseInt(Buffer.from(bytes.subarray(at + 124, at + 136)).toString('latin1'), 8) || 0;
    const content = bytes.subarray(at + TAR_BLOCK, at + TAR_BLOCK + size);
    if (ORDINARY_FILE.includes(bytes[at + 156] ?? 0) && looksLikeJson(content)) {
      return { bytes: content, ended: false };
    }
    at += TAR_BLOCK + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
  return { bytes: undefined, ended: false };
}

/** By the header of its first member (.ZIP File Format Specification, "Local file header"). */
async function firstOfZip(bytes: Uint8Array): Promise<Unpacked | Refused> {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64 * 1024));
  const unseen: Unpacked = { compression: 'none', archive: 'zip', bytes: undefined, ended: false };
  if (header.length < 30) {
    return unseen;
  }
  const method = header.readUInt16LE(8);
  const nameEnd = 30 + header.readUInt16LE(26);
  const name = header.toString('utf8', 30, nameEnd);
  if (OFFICE_MEMBER.test(name)) {
    return { refusal: 'It is an Office document (such as xlsx). Save its rows as CSV, or export them as JSON Lines.' };
  }
  const packed = bytes.subarray(nameEnd + header.readUInt16LE(28));
  const content =
    method === DEFLATED
      ? (await inflate(createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH }), packed)).inflated
      : method === STORED
        ? packed
        : undefined;
  return content && looksLikeJson(content) ? { ...unseen, bytes: content } : unseen;
}

function looksLikeJson(content: Uint8Array): boolean {
  return /^[\s\ufeff]*[[{]/.test(Buffer.from(content.subarray(0, TAR_BLOCK)).toString('utf8'));
}
