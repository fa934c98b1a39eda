import type { RecordFormat, SourceContract } from '../../contracts/sources';
import { isPlainKey } from './recognition';

/** What the beginning of a file says of its format, where that is not JSON or should not be. */
export type FormatFinding =
  | { readonly source: SourceContract }
  /** The file is not what its contract reads, or what no contract reads. */
  | { readonly refusal: string }
  /** The file's format is known, its producer not. */
  | { readonly unknown: string }
  /** More of the text is needed. */
  | { readonly undecided: true };

interface Examination {
  readonly contracts: readonly SourceContract[];
  readonly named: SourceContract | undefined;
  readonly final: boolean;
}

type TextFormat = Exclude<RecordFormat, 'parquet'>;

const NAMES: Record<RecordFormat, string> = { json: 'JSON', csv: 'CSV', xml: 'XML', parquet: 'Apache Parquet' };
const DELIMITERS = [',', ';', '\t', '|'];
const MAX_ROWS_TRIED = 20;
const MAX_NAMES_SHOWN = 12;
// A brace or bracket alone may also begin a cell.
const JSON_START = /^\s*(?:\{\s*["'}]|\[\s*[{["'\]])/;
const XML_START = /^\s*<[?!a-z_]/i;

/**
 * Judges a text by its format; undefined where it is JSON's, or nobody's, and goes the way of JSON.
 *
 * @param text the beginning of the file, not blank
 */
export function examineFormat(text: string, examination: Examination): FormatFinding | undefined {
  const { named, final } = examination;
  if (named && named.format !== 'json') {
    const seen = formatOfText(text, final);
    const fits = seen === named.format || (named.format === 'csv' && seen === undefined);
    return fits ? { source: named } : { refusal: misfit(seen && NAMES[seen], named) };
  }
  if (JSON_START.test(text)) return undefined;
  if (!named) {
    const cut = !final && !/[\r\n]/.test(text.trimStart());
    const tables = examination.contracts.filter(({ format }) => format === 'csv');
    const source = cut ? undefined : tables.find((contract) => headerFits(text, contract));
    if (cut && tables.length > 0) return { undecided: true };
    if (source) return { source };
  }
  const seen = formatOfText(text, final);
  if (seen === undefined || seen === 'json') return undefined;
  return named ? { refusal: misfit(NAMES[seen], named) } : { unknown: withoutContract(seen, text) };
}

/** What to say of a file of columns or rows in binary that its contract does not read. */
export function misfit(seen: string | undefined, named: SourceContract | undefined): string {
  const what = seen ? `It is ${seen}` : 'It is text';
  return named
    ? `${what}, and the contract ${named.source} reads ${NAMES[named.format]}. Export it so, or put it under the folder of a contract that reads it.`
    : `${what}, and its producer does not show. Put it under reviews/<source>/ of a contract that reads it, or export it as JSON Lines.`;
}

function formatOfText(text: string, final: boolean): TextFormat | undefined {
  if (JSON_START.test(text)) return 'json';
  if (XML_START.test(text)) return 'xml';
  return delimiterOf(text, final) ? 'csv' : undefined;
}

/** What separates the cells of a table: its first line names columns, and another line has as many cells. */
function delimiterOf(text: string, final: boolean): string | undefined {
  const lines = text.split(/\r\n|\n|\r/, MAX_ROWS_TRIED).filter((line) => line.trim() !== '');
  const [header = '', ...rows] = final ? lines : lines.slice(0, -1);
  return DELIMITERS.find((delimiter) => {
    const names = cellsOf(header, delimiter, '"');
    const isHeader = names.length > 1 && names.every(isPlainKey) && new Set(names).size === names.length;
    return isHeader && rows.some((row) => cellsOf(row, delimiter, '"').length === names.length);
  });
}

function headerFits(text: string, { csv, recognise }: SourceContract): boolean {
  if (csv.names) return false;
  const header = text
    .split(/\r\n|\n|\r/, MAX_ROWS_TRIED)
    .find((line) => line.trim() !== '' && !(csv.comment && line.startsWith(csv.comment)));
  const names = cellsOf(header ?? '', csv.delimiter, csv.quote);
  return (
    recognise.all.every((path) => path.length === 1 && names.includes(String(path[0]))) &&
    !recognise.none.some((name) => names.includes(name))
  );
}

/** The cells of a row that lies on one line, trimmed. */
function cellsOf(line: string, delimiter: string, quote: string | null): string[] {
  let cell = '';
  let quoted = false;
  const cells: string[] = [];
  for (const character of line) {
    if (character === quote) quoted = !quoted;
    else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += character;
  }
  return [...cells, cell.trim()];
}

function withoutContract(seen: TextFormat, text: string): string {
  const particulars = `It is ${NAMES[seen]}, and no contract recognises it. Put it under reviews/<source>/ of a contract with "format": "${seen}"`;
  const delimiter = seen === 'csv' && delimiterOf(text, true);
  if (!delimiter) return `${particulars}.`;
  const names = cellsOf(text.trimStart().split(/\r\n|\n|\r/, 1)[0] ?? '', delimiter, '"');
  const others = names.length - MAX_NAMES_SHOWN;
  const shown = [...names.slice(0, MAX_NAMES_SHOWN), ...(others > 0 ? [`${others} more`] : [])];
  return `${particulars}; its columns are ${shown.join(', ')}.`;
}
