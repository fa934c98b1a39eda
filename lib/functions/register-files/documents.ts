import { documentPaths } from '../../contracts/envelopes';
import type { SourceContract } from '../../contracts/sources';
import { hasEnvelope, openEnvelopes } from './envelopes';
import { follow, recogniseRecord } from './recognition';
import { isArray, isObject, type ObjectShape, type Scan, type Shape } from './value-scanner';

/** Where a document holds its records, and how (docs/architecture.md, "Manifest"). */
export interface DocumentWrapper {
  /** Empty where the document itself is the container. */
  readonly path: readonly string[];
  /** `columns` and `split`: a table as pandas writes it with that `orient`. */
  readonly holds: 'array' | 'map' | 'columns' | 'split';
}

interface Found {
  readonly source: SourceContract;
  readonly wrapper: DocumentWrapper;
}

type Recognise = (record: Shape | undefined) => SourceContract | undefined;

/**
 * The records inside a document that no contract describes: a page, a map of id to record, a table by columns.
 *
 * @param document the first value of the text, seen as far as it will be
 * @returns undefined where the value is a record itself, or holds none
 */
export function recordsInside(
  document: Scan,
  text: string,
  { contracts, named }: { contracts: readonly SourceContract[]; named: SourceContract | undefined },
): Found | undefined {
  const { shape } = document;
  if (!isObject(shape) || document.singleQuotedKeys) {
    return undefined;
  }
  if (hasEnvelope(shape)) {
    return undefined;
  }
  const known = named ? [named] : contracts;
  const recognise: Recognise = (record) => recogniseRecord(openEnvelopes(record), known);
  const table = mapOf(shape, [], recognise) ?? columnsOf(shape, recognise) ?? splitOf(shape, text, named, recognise);
  if (table || recognise(shape)) {
    return table;
  }
  for (const path of documentPaths) {
    const container = follow(shape, path);
    const found = arrayOf(container, path, recognise) ?? mapOf(container, path, recognise);
    if (found) {
      return found;
    }
    if (named && isPage(container, shape, named)) {
      return { source: named, wrapper: { path, holds: 'array' } };
    }
  }
  return undefined;
}

function arrayOf(container: Shape | undefined, path: readonly string[], recognise: Recognise): Found | undefined {
  if (!isArray(container)) {
    return undefined;
  }
  const source = first(container.elements, recognise);
  return source && { source, wrapper: { path, holds: 'array' } };
}

/** Whether this is an array of nothing but objects, in a document that has no key of the producer's records. */
function isPage(container: Shape | undefined, document: ObjectShape, { recognise }: SourceContract): boolean {
  return (
    isArray(container) &&
    container.elements.every(isObject) &&
    !recognise.all.some(([key]) => document.members.has(String(key)))
  );
}

function mapOf(container: Shape | undefined, path: readonly string[], recognise: Recognise): Found | undefined {
  const members = objectsIn(container);
  const source = members && first(members, recognise);
  return source && { source, wrapper: { path, holds: 'map' } };
}

/** pandas' `to_json` without `orient`: of each column, label → value. */
function columnsOf(document: ObjectShape, recognise: Recognise): Found | undefined {
  const columns = objectsIn(document);
  const labels = columns?.[0] && [...columns[0].members.keys()];
  const [label] = labels ?? [];
  const isTable = columns?.every(
    ({ members, complete }) =>
      !complete || (members.size === labels?.length && labels.every((key) => members.has(key))),
  );
  if (!isTable || label === undefined) {
    return undefined;
  }
  const row = new Map([...document.members].map(([name, column]) => [name, follow(column, [label]) ?? 'scalar']));
  const source = recognise({ kind: 'object', members: row, complete: true });
  return source && { source, wrapper: { path: [], holds: 'columns' } };
}

/** pandas' `orient="split"`: the names of the columns once, then rows of values. */
function splitOf(
  document: ObjectShape,
  text: string,
  named: SourceContract | undefined,
  recognise: Recognise,
): Found | undefined {
  const rows = document.members.get('data');
  if (!document.members.has('columns') || !isArray(rows) || !rows.elements.every(isArray)) {
    return undefined;
  }
  const [row] = rows.elements;
  const members = columnNames(text).map((name, place) => [name, follow(row, [place]) ?? 'scalar'] as const);
  const source = named ?? recognise({ kind: 'object', members: new Map(members), complete: true });
  return source && { source, wrapper: { path: [], holds: 'split' } };
}

function columnNames(text: string): string[] {
  const [, list] = /"columns"\s*:\s*(\[[^\]]*\])/.exec(text) ?? [];
  try {
    const names: unknown = JSON.parse(list ?? '[]');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

function first(records: readonly Shape[], recognise: Recognise): SourceContract | undefined {
  for (const record of records) {
    const source = recognise(record);
    if (source) {
      return source;
    }
  }
  return undefined;
}

/** The members of an object that has nothing but objects. */
function objectsIn(container: Shape | undefined): ObjectShape[] | undefined {
  if (!isObject(container)) {
    return undefined;
  }
  const members = [...container.members.values()];
  return members.length > 0 && members.every(isObject) ? members : undefined;
}
