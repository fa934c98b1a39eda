import type { BinaryFormat, RecordFormat, SourceContract } from '../../contracts/sources';
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

type TextFormat = Exclude<RecordFormat, BinaryFormat>;

/** Names of the formats in messages. */
export const FORMAT_NAMES: Record<RecordFormat, string> = {
  json: 'JSON',
  csv: 'CSV',
  xml: 'XML',
  avro: 'Apache Avro',
  parquet: 'Apache Parquet',
};
const DELIMITERS = [',', ';', '\t', '|'];
const MAX_ROWS_TRIED = 20;
const MAX_NAMES_SHOWN = 12;
// A brace or bracket alone may also begin a cell.
const JSON_START = /^\s*(?:\{\s*["'}]|\[\s*[{["'\]])/;
const JSON_LINE = /^\s*\{\s*"/m;
// An error page is not what an XML contract reads, either.
const XML_START = /^\s*<(?!!doctype\s+html|html\b)[?!a-z_]/i;

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
    return fits ? { source: named } : { refusal: misfit(seen && FORMAT_NAMES[seen], named) };
  }
  if (JSON_START.test(text)) return undefined;
  if (!named) {
    const cut = !final && !/[\r\n]/.test(text.trimStart());
    const tables = examination.contracts.filter(({ format }) => format === 'csv');
    const source = cut ? undefined : tables.find((contract) => headerFits(text, contract));
    if (cut && tables.length > 0) return { undecided: true };
    if (source) return { source };
  }
  // Records among lines that look like a table are read, whatever stands around them.
  const seen = JSON_LINE.test(text) ? 'json' : formatOfText(text, final);
  if (seen === undefined || seen === 'json') return undefined;
  return named ? { refusal: misfit(FORMAT_NAMES[seen], named) } : { unknown: withoutContract(seen, text) };
}

/** The columns of a table and its first row, by what separates cells; undefined where the text is no CSV. */
export function firstRow(text: string): { delimiter: string; record: Record<string, string> } | undefined {
  const delimiter = formatOfText(text, true) === 'csv' ? delimiterOf(text, true) : undefined;
  if (!delimiter) return undefined;
  const [header = [], row = []] = rowsOf(text, delimiter, '"');
  const named = header.map((name, column): [string, string] => [name, row[column] ?? '']);
  return { delimiter, record: Object.fromEntries(named.filter(([, cell]) => cell !== '')) };
}

/** What to say of a file of columns or rows in binary that its contract does not read. */
export function misfit(seen: string | undefined, named: SourceContract | undefined): string {
  const what = seen ? `It is ${seen}` : 'It is text';
  return named
    ? `${what}, and the contract ${named.source} reads ${FORMAT_NAMES[named.format]}. Export it so, or put it under the folder of a contract that reads it.`
    : `${what}, and its producer does not show. Put it under reviews/<source>/ of a contract that reads it, or export it as JSON Lines.`;
}

function formatOfText(text: string, final: boolean): TextFormat | undefined {
  if (JSON_START.test(text)) return 'json';
  if (XML_START.test(text)) return 'xml';
  return delimiterOf(text, final) ? 'csv' : undefined;
}

/** What separates the cells of a table: its first row names columns, and another row has as many cells. */
function delimiterOf(text: string, final: boolean): string | undefined {
  return DELIMITERS.find((delimiter) => {
    const rows = rowsOf(text, delimiter, '"');
    const [names = [], ...others] = final ? rows : rows.slice(0, -1);
    const isHeader = names.length > 1 && names.every(isPlainKey) && new Set(names).size === names.length;
    return isHeader && others.some((row) => row.length === names.length);
  });
}

function headerFits(text: string, { csv, recognise }: SourceContract): boolean {
  if (csv.names) return false;
  const rows = rowsOf(text, csv.delimiter, csv.quote);
  const names = rows.find(([first = '']) => !(csv.comment && first.startsWith(csv.comment))) ?? [];
  return (
    recognise.all.every((path) => path.length === 1 && names.includes(String(path[0]))) &&
    !recognise.none.some((name) => names.includes(name))
  );
}

/** The cells of the first rows that are not blank, trimmed. */
function rowsOf(text: string, delimiter: string, quote: string | null): string[][] {
  const rows: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  const endRow = () => {
    const row = [...cells, cell.trim()];
    if (row.some((each) => each !== '')) rows.push(row);
    cells = [];
    cell = '';
  };
  for (const character of text) {
    if (character === quote) quoted = !quoted;
    else if (quoted) cell += character;
    else if (character === delimiter) {
      cells.push(cell.trim());
      cell = '';
    } else if (character === '\n' || character === '\r') endRow();
    else cell += character;
    if (rows.length === MAX_ROWS_TRIED) return rows;
  }
  endRow();
  return rows;
}

function withoutContract(seen: TextFormat, text: string): string {
  const particulars = `It is ${FORMAT_NAMES[seen]}, and no contract recognises it. Put it under reviews/<source>/ of a contract with "format": "${seen}"`;
  const delimiter = seen === 'csv' && delimiterOf(text, true);
  if (!delimiter) return `${particulars}.`;
  const names = rowsOf(text, delimiter, '"')[0] ?? [];
  const others = names.length - MAX_NAMES_SHOWN;
  const shown = [...names.slice(0, MAX_NAMES_SHOWN), ...(others > 0 ? [`${others} more`] : [])];
  return `${particulars}; its columns are ${shown.join(', ')}.`;
}
