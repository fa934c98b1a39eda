import type { BinaryFormat } from '../../contracts/sources';
import { type Archive, type Compression, type Refused, unpackPrefix } from './unpacking';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Beginning of a file as text. */
export interface Prefix {
  readonly compression: Compression;
  /** What the file is under its compression; absent where it is text. */
  readonly archive?: Archive;
  /** A format of rows in binary; absent where the content is text. */
  readonly binary?: BinaryFormat;
  readonly encoding: Encoding;
  /** Empty where it cannot be seen through the compression or archive. Without byte order mark; bytes that are not valid in the encoding are U+FFFD. */
  readonly text: string;
  /** Whether the text is that of the whole file. */
  readonly whole: boolean;
}

// Random bytes hold 11 % control characters, compressed formats about as many, and JSON text none: it must escape them.
// A few are accepted, because one bad record must not cost the others.
const MAX_CONTROL_CHARACTER_SHARE = 0.02;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is counted
const CONTROL_CHARACTERS = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/g;

/** Encoding by the byte order mark, else by where the zero bytes of the first two ASCII characters are (as in RFC 4627, section 3). */
function detectEncoding(bytes: Uint8Array): Encoding | undefined {
  if (bytes.length < 2) {
    return 'utf-8';
  }
  const [first = 1, second = 1, third = 1, fourth = 1] = bytes;
  const utf32 = (first === 0xff && second === 0xfe && third === 0 && fourth === 0) || (first === 0 && second === 0);
  if (utf32 || (second === 0 && third === 0 && fourth === 0)) {
    return undefined;
  }
  // Without a mark both of the first two characters must match: one zero byte alone proves nothing.
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0 && third !== 0 && fourth === 0)) {
    return 'utf-16le';
  }
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0 && third === 0 && fourth !== 0)) {
    return 'utf-16be';
  }
  return 'utf-8';
}

// Runs of zero bytes where a line begins are skipped by the jobs, too.
const ZEROS = /^\0+/gm;

function isText(text: string): boolean {
  const controls = text.match(CONTROL_CHARACTERS)?.length ?? 0;
  return controls <= text.length * MAX_CONTROL_CHARACTER_SHARE;
}

/**
 * Reads the beginning of a file: compression and archive by their magic numbers, whatever the file is called, then the encoding.
 *
 * @param bytes the file's first bytes
 * @param extent whether these are all, and whether more of them will be read
 * @returns undefined where the bytes are not text
 */
export async function readPrefix(
  bytes: Uint8Array,
  extent: { readonly whole: boolean; readonly final: boolean },
): Promise<Prefix | Refused | undefined> {
  const unpacked = await unpackPrefix(bytes);
  if ('refusal' in unpacked) {
    return unpacked;
  }
  const { compression, archive, binary, ended } = unpacked;
  if (binary) {
    return { compression, binary, encoding: 'utf-8', text: '', whole: false };
  }
  const content = withoutZeros(unpacked.bytes ?? new Uint8Array());
  const damaged = compression !== 'none' && unpacked.bytes?.length === 0 && extent.final && !holdsNothing(bytes);
  const encoding = detectEncoding(content);
  if (damaged || !encoding) {
    return undefined;
  }
  const text = new TextDecoder(encoding).decode(content, { stream: true }).replaceAll(ZEROS, '');
  return isText(text)
    ? { compression, ...(archive && { archive }), encoding, text, whole: extent.whole && ended }
    : undefined;
}

/** Without the zero bytes that a crash leaves in front; fewer may be the upper halves of the first characters. */
function withoutZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start >= 4 ? bytes.subarray(start) : bytes;
}

/** Whether a compressed file says that it holds nothing; else it holds something that does not come out. */
function holdsNothing(bytes: Uint8Array): boolean {
  const isGzip = bytes[0] === 0x1f;
  // RFC 1952, ISIZE; a Zstandard frame of nothing is 9 bytes long, or 13 with a checksum (RFC 8878, section 3.1.1).
  return isGzip ? bytes.length >= 18 && bytes.subarray(-4).every((byte) => byte === 0) : bytes.length <= 13;
}
