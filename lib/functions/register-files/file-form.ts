import { type SourceContract, sources } from '../../contracts/sources';
import { breaksOff, type FileForm, sniff, type Verdict } from './sniffer';

// Most files show what they are in the first read; a document with a long head, in the second.
const FIRST_READ_BYTES = 64 * 1024;
const MAX_READ_BYTES = 1024 * 1024;

/** Reads a file's bytes `first` to `last`, both included. */
export type RangeReader = (first: number, last: number) => Promise<Uint8Array>;

/** How a file is to be read, as the manifest says it. */
export interface WholeForm extends FileForm {
  /** Plain UTF-8 lines only: the last line has no end, and its value none either. */
  readonly cutOff: boolean;
}

type Decided = Exclude<Verdict, { kind: 'undecided' }>;
type WholeVerdict = Exclude<Decided, { kind: 'readable' }> | { readonly kind: 'readable'; readonly form: WholeForm };

/**
 * Tells how a file is to be read by its beginning and, of plain lines, its end.
 *
 * @param named the contract that the key's prefix names
 */
export async function examineFile(
  read: RangeReader,
  sizeBytes: number,
  named: SourceContract | undefined,
): Promise<WholeVerdict> {
  const { verdict, bytes } = await firstVerdict(read, sizeBytes, named);
  if (verdict.kind === 'unreadable') {
    return verdict;
  }
  return { ...verdict, form: { ...verdict.form, cutOff: await isCutOff(read, sizeBytes, verdict.form, bytes) } };
}

async function firstVerdict(
  read: RangeReader,
  sizeBytes: number,
  named: SourceContract | undefined,
): Promise<{ verdict: Decided; bytes: Uint8Array }> {
  // Records of a CRM look like many others: only their folder tells them.
  const contracts = [...sources.values()].filter((source) => source.records === 'reviews' || source === named);
  const catalogues = named ? contracts.filter(({ productsOf }) => productsOf === named.source) : [];
  for (const length of [FIRST_READ_BYTES, MAX_READ_BYTES]) {
    const whole = sizeBytes <= length;
    const bytes = await read(0, Math.min(length, sizeBytes) - 1);
    const extent = { whole, final: whole || length === MAX_READ_BYTES };
    // A producer's folder takes its catalogue, too: what is recognised as one is no file of reviews.
    const listed =
      catalogues.length > 0 && (await sniff(bytes, { ...extent, contracts: catalogues, named: undefined }));
    if (listed && listed.kind === 'readable') {
      return { verdict: listed, bytes };
    }
    const verdict = await sniff(bytes, { ...extent, contracts, named });
    if (verdict.kind !== 'undecided') {
      return { verdict, bytes };
    }
  }
  throw new Error('The sniffer came to no verdict on a file, though it was its last read.');
}

/** Whether the file breaks off in its last line. Only lines of plain UTF-8 tell without reading the whole file. */
async function isCutOff(
  read: RangeReader,
  sizeBytes: number,
  form: FileForm,
  firstBytes: Uint8Array,
): Promise<boolean> {
  if (form.layout !== 'lines' || form.compression !== 'none' || form.encoding !== 'utf-8') {
    return false;
  }
  const whole = firstBytes.length === sizeBytes;
  const tail = whole ? firstBytes : await read(Math.max(0, sizeBytes - MAX_READ_BYTES), sizeBytes - 1);
  return breaksOff(new TextDecoder().decode(tail), tail.length === sizeBytes);
}
