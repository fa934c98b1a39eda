import type { RecordFormat, SourceContract } from '../../contracts/sources';
import { type DocumentWrapper, recordsInside } from './documents';
import { openEnvelopes } from './envelopes';
import { nearMiss, recogniseRecord, wrappedRecords } from './recognition';
import { isArray, type Scan, type Shape, scanValue } from './value-scanner';

/** Of JSON how the records lie, else the format; `any`: the jobs tell, for only they see the text. */
export type Layout = 'lines' | 'array' | 'concatenated' | 'wrapped' | 'any' | Exclude<RecordFormat, 'json'>;

/** What the beginning of a file's text says. */
export interface TextFinding {
  readonly layout: Layout;
  /** Where a document holds its records, if the contract does not say so. */
  readonly wrapper?: DocumentWrapper;
  /** Undefined where no contract recognises the records. */
  readonly source: SourceContract | undefined;
  /** Where none does: the keys of the first record, and the contract that comes closest. */
  readonly nearMiss?: string | undefined;
}

/** What is known before the text is looked at. */
export interface Examination {
  /** Every contract that comes into question. */
  readonly contracts: readonly SourceContract[];
  /** The contract that the key's prefix names: it is taken, whatever the records look like. */
  readonly named: SourceContract | undefined;
  /** Whether no more of the text will be seen: then the likeliest finding is the finding. */
  readonly final: boolean;
}

// A broken or odd record at the start must not hide the producer: so many are tried.
const MAX_RECORDS_TRIED = 50;
// After the bracket of an array comes a value or its end; a line of text that only begins with a bracket is no array.
const ARRAY_START = /^\[\s*(?:[\]{["'\d-]|(?:true|false|null|NaN|Infinity|None|True|False)\b)/;
const MAX_LITERAL_LENGTH = 'Infinity,'.length;

/**
 * Tells layout and source by the beginning of a text (which is not blank).
 *
 * @returns undefined where more of the text is needed and there may be more
 */
export function examineText(text: string, examination: Examination): TextFinding | undefined {
  const start = text.search(/\S/);
  const first = scanValue(text, start);
  if (text[start] === '[') {
    if (!examination.final && text.slice(start + 1).trimStart().length < MAX_LITERAL_LENGTH) {
      return undefined;
    }
    if (beginsAsArray(first, text.slice(start))) {
      return pagesIn(first, text, examination) ?? withSource('array', elementsOf(first), examination);
    }
  }
  if (text[start] !== '{') {
    return withSource('lines', lineShapes(text, examination.final), examination);
  }
  const wrapping = wrappingContract(first, examination);
  if (wrapping) {
    return { layout: 'wrapped', source: wrapping };
  }
  const inside = first.state === 'cut' && !examination.final ? undefined : recordsInside(first, text, examination);
  if (inside) {
    return { layout: 'wrapped', ...inside };
  }
  const layout = objectLayout(first, text, examination.final);
  if (!layout) {
    return undefined;
  }
  const candidates = layout === 'lines' ? lineShapes(text, examination.final) : concatenatedShapes(text, first);
  return withSource(layout, candidates, examination);
}

/** An array of documents, each around records of its own. */
function pagesIn(first: Scan, text: string, examination: Examination): TextFinding | undefined {
  const elements = elementsOf(first);
  if ((first.state === 'cut' && !examination.final) || recogniseFirst(elements, examination)) {
    return undefined;
  }
  for (const shape of elements) {
    const page = { ...first, shape };
    const source = wrappingContract(page, examination);
    const inside: Omit<TextFinding, 'layout'> | undefined = source
      ? { source }
      : recordsInside(page, text, examination);
    if (inside && inside.wrapper?.holds !== 'columns' && inside.wrapper?.holds !== 'split') {
      return { layout: 'wrapped', ...inside };
    }
  }
  return undefined;
}

function withSource(
  layout: Layout,
  candidates: Iterable<Shape | undefined>,
  examination: Examination,
): TextFinding | undefined {
  const shapes = [...candidates];
  const source = examination.named ?? recogniseFirst(shapes, examination);
  if (source) {
    return { layout, source };
  }
  const first = shapes.map((shape) => openEnvelopes(shape)).find((shape) => shape !== undefined && shape !== 'scalar');
  return examination.final ? { layout, source, nearMiss: nearMiss(first, examination.contracts) } : undefined;
}

function recogniseFirst(
  candidates: Iterable<Shape | undefined>,
  { contracts, final }: Examination,
): SourceContract | undefined {
  for (const shape of candidates) {
    const seenWhole = shape !== undefined && shape !== 'scalar' && shape.complete;
    if (seenWhole || final) {
      const source = recogniseRecord(openEnvelopes(shape), contracts);
      if (source) {
        return source;
      }
    }
  }
  return undefined;
}

/** What begins as an array, and holds objects or arrays even if it is broken further on. */
function beginsAsArray(first: Scan, text: string): boolean {
  const holdsContainers = elementsOf(first).some((shape) => shape !== 'scalar');
  return ARRAY_START.test(text) && (first.state !== 'broken' || holdsContainers);
}

/** The elements of an array; of an array of pages, theirs. */
function elementsOf({ shape }: { readonly shape: Shape | undefined }): Shape[] {
  if (!isArray(shape)) {
    return [];
  }
  return shape.elements.flatMap((element) => {
    const inner = elementsOf({ shape: element });
    return inner.length > 0 ? inner : [element];
  });
}

/** The contract by which the first value is a document around the records. */
function wrappingContract(first: Scan, { contracts, named, final }: Examination): SourceContract | undefined {
  if (named) {
    const wrapped = wrappedRecords(first.shape, named.wrapper) !== undefined;
    // In a long document the records may come late: a first value that is no record of the producer is then the document.
    const unseen = final && first.state === 'cut' && named.wrapper && !recogniseRecord(first.shape, [named]);
    return wrapped || unseen ? named : undefined;
  }
  return contracts.find((contract) => {
    const records = wrappedRecords(first.shape, contract.wrapper) ?? [];
    return recogniseFirst(records, { contracts: [contract], named, final });
  });
}

/** One object per line, or objects one after the other across lines; undefined while neither is certain. */
function objectLayout(first: Scan, text: string, final: boolean): 'lines' | 'concatenated' | undefined {
  // What follows on the line, or the end of the line.
  const [, next] = /^[^\S\n]*(\S|\n)/.exec(text.slice(first.end)) ?? [];
  if (first.state === 'broken' && hasObjectLine(text)) {
    return 'lines';
  }
  if (!final && (first.state !== 'complete' || next === undefined)) {
    return undefined;
  }
  const anotherOnTheLine = first.state === 'complete' && next === '{';
  return first.spansLines || anotherOnTheLine ? 'concatenated' : 'lines';
}

/** Whether a line after the first is an object from its first character to its last. */
function hasObjectLine(text: string): boolean {
  return text
    .split('\n', MAX_RECORDS_TRIED)
    .slice(1)
    .some((line) => line.startsWith('{') && isOneObject(line));
}

function isOneObject(line: string): boolean {
  const scan = scanValue(line);
  return scan.state === 'complete' && line.slice(scan.end).trim() === '';
}

function* lineShapes(text: string, final: boolean): Generator<Shape | undefined> {
  const lines = text.split('\n', MAX_RECORDS_TRIED + 1);
  for (const line of final ? lines : lines.slice(0, -1)) {
    yield scanValue(line).shape;
  }
}

function* concatenatedShapes(text: string, first: Scan): Generator<Shape | undefined> {
  let scan = first;
  for (let tried = 0; tried < MAX_RECORDS_TRIED; tried += 1) {
    yield scan.shape;
    if (scan.state === 'cut') {
      return;
    }
    // After a broken object the next one begins, as far as one can tell, at the next brace that opens a line.
    const next = scan.state === 'complete' ? text.slice(scan.end).search(/\S/) : text.slice(scan.end).search(/\n\{/);
    if (next < 0) {
      return;
    }
    scan = scanValue(text, scan.end + next);
  }
}
