import { constants, createGunzip } from 'node:zlib';

export type Compression = 'none' | 'gzip';
export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Beginning of a file as text. */
export interface Prefix {
  readonly compression: Compression;
  readonly encoding: Encoding;
  /** Without byte order mark; bytes that are not valid in the encoding are U+FFFD. */
  readonly text: string;
  /** Whether the text is that of the whole file. */
  readonly whole: boolean;
}

/** Most characters of a compressed file that are looked at: as many bytes as of a plain file, so a bomb stays harmless. */
const MAX_INFLATED_BYTES = 1024 * 1024;

// Random bytes hold 11 % control characters, compressed formats about as many, and JSON text none: it must escape them.
// A few are accepted, because one bad record must not cost the others.
const MAX_CONTROL_CHARACTER_SHARE = 0.02;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is counted
const CONTROL_CHARACTERS = /[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]/g;

/** Inflates as much of a gzip stream as there is, wherever it is cut or corrupt. */
async function inflatePrefix(bytes: Uint8Array): Promise<{ inflated: Uint8Array; ended: boolean }> {
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  gunzip.end(bytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
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

function isText(text: string): boolean {
  const controls = text.match(CONTROL_CHARACTERS)?.length ?? 0;
  return controls <= text.length * MAX_CONTROL_CHARACTER_SHARE;
}

/**
 * Reads the beginning of a file: gzip by its magic number, whatever the file is called, then the encoding.
 *
 * @param bytes the file's first bytes
 * @param extent whether these are all, and whether more of them will be read
 * @returns undefined where the bytes are not text
 */
export async function readPrefix(
  bytes: Uint8Array,
  extent: { readonly whole: boolean; readonly final: boolean },
): Promise<Prefix | undefined> {
  const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const { inflated, ended } = gzip ? await inflatePrefix(bytes) : { inflated: bytes, ended: true };
  const damaged = gzip && inflated.length === 0 && extent.final && !isEmptyGzip(bytes);
  const encoding = detectEncoding(inflated);
  if (damaged || !encoding) {
    return undefined;
  }
  const text = new TextDecoder(encoding).decode(inflated, { stream: true });
  return isText(text)
    ? { compression: gzip ? 'gzip' : 'none', encoding, text, whole: extent.whole && ended }
    : undefined;
}

/** Whether a gzip file says in its trailer that it holds nothing (RFC 1952, ISIZE); else it holds something that does not come out. */
function isEmptyGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 18 && bytes.subarray(-4).every((byte) => byte === 0);
}
