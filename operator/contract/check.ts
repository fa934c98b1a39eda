import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { SOURCES_FOLDER } from '../../lib/contracts/source-documents';
import { ROOT } from '../../local/paths';

/** A fault of a contract, and its place. */
export interface Fault {
  /** Path below the repository's top, with the line: `contracts/sources/native.json:12`. */
  readonly place: string;
  readonly message: string;
}

const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(ROOT, 'contracts/source.schema.json'), 'utf8')));

/** Path of a contract in a checkout. */
export const pathOf = (name: string, root = ROOT): string => join(root, SOURCES_FOLDER, `${name}.json`);

/** Names of all source contracts, in alphabetical order. */
export const contractNames = (): string[] =>
  readdirSync(join(ROOT, SOURCES_FOLDER))
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();

const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** Line of the innermost key of a path that the text has; each key is searched after the one before it. */
function lineOf(text: string, path: readonly PropertyKey[]): number {
  let offset = 0;
  for (const key of path) {
    const found = text.indexOf(`"${String(key)}"`, offset);
    if (found >= 0) offset = found;
  }
  return lineAt(text, offset);
}

/** Line of the last quoted text of a message that the contract contains; 1 if there is none. */
function lineNamed(text: string, message: string): number {
  const named = [...message.matchAll(/'([^']+)'|fields\.([\w.]+)/g)].map((match) => match[1] ?? match[2] ?? '');
  const offset = named.map((name) => text.indexOf(JSON.stringify(name))).find((at) => at >= 0);
  return lineAt(text, offset ?? 0);
}

const placeOf = (name: string, line: number): string => `${SOURCES_FOLDER}/${name}.json:${line}`;

/** Faults of form: not JSON, or not as contracts/source.schema.json requires. */
export function faultsOfForm(name: string, root = ROOT): Fault[] {
  const path = pathOf(name, root);
  if (!existsSync(path)) return [{ place: `${SOURCES_FOLDER}/${name}.json`, message: 'There is no such file.' }];
  return faultsIn(name, readFileSync(path, 'utf8'));
}

/** Faults of form in the text of a contract. */
export function faultsIn(name: string, text: string): Fault[] {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
    return [{ place: placeOf(name, lineAt(text, offset)), message: `No JSON: ${message}` }];
  }
  const { error } = schema.safeParse(document);
  return (error?.issues ?? []).map(({ path, message }) => ({
    place: placeOf(name, lineOf(text, path)),
    message: `${path.map(String).join('.') || 'the contract'}: ${message}`,
  }));
}

/** A fault that the jobs find: a column that no table has, a pattern without a group. */
export function faultOfContent(name: string, message: string, text: string): Fault {
  return { place: placeOf(name, lineNamed(text, message)), message };
}
