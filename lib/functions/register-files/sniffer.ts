import type { SourceContract } from '../../contracts/sources';
import type { DocumentWrapper } from './documents';
import { examineText, type Layout } from './layout';
import { type Encoding, type Prefix, readPrefix } from './prefix';
import { examineFormat, FORMAT_NAMES, type FormatFinding, misfit } from './record-format';
import type { Archive, Compression } from './unpacking';
import { scanValue } from './value-scanner';

/** How a file is to be read, and by which contract. */
export interface FileForm {
  readonly compression: Compression;
  /** What the file is under its compression; absent where it is text. */
  readonly archive?: Archive;
  readonly encoding: Encoding;
  readonly layout: Layout;
  /** Where a document holds its records, if the contract does not say so. */
  readonly wrapper?: DocumentWrapper;
  readonly source: SourceContract;
}

/** What a file's first bytes say of it. */
export type Verdict =
  | { readonly kind: 'readable'; readonly form: FileForm }
  | {
      readonly kind: 'unreadable';
      readonly reason: 'BLANK' | 'NOT_TEXT' | 'UNKNOWN_SOURCE';
      /** What was seen, without any value, and what to do about it. */
      readonly particulars?: string | undefined;
    }
  /** More bytes are needed. */
  | { readonly kind: 'undecided' };

/** What is known of the bytes and of the file. */
export interface SniffContext {
  /** Whether the bytes are the whole file. */
  readonly whole: boolean;
  /** Whether no more bytes will be read: then the verdict is never `undecided`. */
  readonly final: boolean;
  readonly contracts: readonly SourceContract[];
  /** The contract that the key's prefix names. */
  readonly named: SourceContract | undefined;
}

/** Judges a file by its first bytes. Never throws, whatever the bytes are. */
export async function sniff(bytes: Uint8Array, context: SniffContext): Promise<Verdict> {
  const prefix = await readPrefix(bytes, context);
  if (!prefix) {
    return { kind: 'unreadable', reason: 'NOT_TEXT' };
  }
  if ('refusal' in prefix) {
    return { kind: 'unreadable', reason: 'NOT_TEXT', particulars: prefix.refusal };
  }
  if (prefix.binary) {
    const { binary, compression } = prefix;
    return context.named?.format === binary
      ? { kind: 'readable', form: { compression, encoding: 'utf-8', layout: binary, source: context.named } }
      : { kind: 'unreadable', reason: 'NOT_TEXT', particulars: misfit(FORMAT_NAMES[binary], context.named) };
  }
  if (prefix.archive || prefix.compression === 'bzip2') {
    return packedVerdict(prefix, context);
  }
  const final = context.final || prefix.whole;
  if (prefix.text.trim() === '') {
    return blankVerdict(prefix, context, final);
  }
  const examination = { contracts: context.contracts, named: context.named, final };
  const format = examineFormat(prefix.text, examination);
  if (format) {
    return formatVerdict(format, prefix);
  }
  const json = context.contracts.filter((contract) => contract.format === 'json');
  const finding = examineText(prefix.text, { ...examination, contracts: json });
  if (!finding) {
    return { kind: 'undecided' };
  }
  const { nearMiss: particulars, ...found } = finding;
  if (!found.source) {
    return { kind: 'unreadable', reason: 'UNKNOWN_SOURCE', particulars };
  }
  const { compression, encoding } = prefix;
  return { kind: 'readable', form: { compression, encoding, ...found, source: found.source } };
}

function formatVerdict(found: FormatFinding, { compression, encoding }: Prefix): Verdict {
  if ('refusal' in found) {
    return { kind: 'unreadable', reason: 'NOT_TEXT', particulars: found.refusal };
  }
  if ('unknown' in found) {
    return { kind: 'unreadable', reason: 'UNKNOWN_SOURCE', particulars: found.unknown };
  }
  return 'undecided' in found
    ? { kind: 'undecided' }
    : { kind: 'readable', form: { compression, encoding, layout: layoutOf(found.source), source: found.source } };
}

/** How a file lies of which nothing but its contract is known. */
function layoutOf({ format }: SourceContract): Layout {
  return format === 'json' ? 'lines' : format;
}

/** What is in an archive the jobs see, member by member; only the producer has to be known. */
function packedVerdict({ compression, archive, text }: Prefix, { contracts, named, final }: SniffContext): Verdict {
  // An archive that begins with a catalogue may go on with reviews: only its folder tells.
  const possible = contracts.filter(({ productsOf, format }) => productsOf === undefined && format === 'json');
  const source = named ?? (text.trim() && examineText(text, { contracts: possible, named, final: true })?.source);
  if (source) {
    const form = { compression, ...(archive && { archive }), encoding: 'utf-8', layout: 'any', source } as const;
    return { kind: 'readable', form };
  }
  const particulars = `It is ${archive ?? compression}, and the producer does not show in its beginning: put it under reviews/<source>/.`;
  return final ? { kind: 'unreadable', reason: 'UNKNOWN_SOURCE', particulars } : { kind: 'undecided' };
}

function blankVerdict(
  prefix: { whole: boolean; compression: Compression; encoding: Encoding },
  { named }: SniffContext,
  final: boolean,
): Verdict {
  if (prefix.whole) {
    return { kind: 'unreadable', reason: 'BLANK' };
  }
  if (!final) {
    return { kind: 'undecided' };
  }
  // Only white space so far: if the source is known, the jobs read the rest.
  return named
    ? {
        kind: 'readable',
        form: { compression: prefix.compression, encoding: prefix.encoding, layout: layoutOf(named), source: named },
      }
    : { kind: 'unreadable', reason: 'UNKNOWN_SOURCE' };
}

/**
 * Whether a text of lines breaks off in its last record: the last line has no end, and its value none either.
 *
 * @param tail the end of the file, from anywhere on
 * @param fromStart whether the tail is the whole file; else a tail without any line break is judged by its last character
 */
export function breaksOff(tail: string, fromStart: boolean): boolean {
  const lastBreak = tail.lastIndexOf('\n');
  const lastLine = tail.slice(lastBreak + 1).trim();
  if (lastLine === '') {
    return false;
  }
  if (lastBreak < 0 && !fromStart) {
    return !lastLine.endsWith('}');
  }
  return scanValue(lastLine).state === 'cut';
}
