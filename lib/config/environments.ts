import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from './configuration-error';

/** Folder of the environments, from the top of the repository: one file per environment, read by its name. */
export const ENVIRONMENTS_FOLDER = 'environments';

/** Name of the environment that the one-machine edition deploys: the run kept up on this machine. */
export const LOCAL_ENVIRONMENT = 'local';

const FOLDER = fileURLToPath(new URL(`../../${ENVIRONMENTS_FOLDER}`, import.meta.url));

type Document = Readonly<Record<string, unknown>>;

/** Names of all environments, in alphabetical order. */
export function environmentNames(folder = FOLDER): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** Names of environments in a name such as `local-with-connectors+local-without-airflow`, of which each adds to those before it. */
export function namesIn(name: string): string[] {
  return name.split('+');
}

/**
 * The settings that an environment's file states, on top of those of the environment that it extends. Unchecked.
 *
 * @param name of one environment, or of several with + between them: what a later one states is added, and wins
 * @throws ConfigurationError where there is no such file, or it holds no JSON object
 */
export function readEnvironment(name: string, folder = FOLDER): Document {
  return namesIn(name)
    .map((each) => read(each, folder, []))
    .reduce(merged);
}

function read(name: string, folder: string, extendedBy: readonly string[]): Document {
  const { $schema: _schema, description: _description, extends: base, ...settings } = readDocument(name, folder);
  if (base === undefined) return settings;
  const chain = [...extendedBy, name];
  if (typeof base !== 'string' || chain.includes(base) || !environmentNames(folder).includes(base)) {
    const others = environmentNames(folder).filter((other) => !chain.includes(other));
    throw new ConfigurationError(`${pathOf(name)}: extends is ${JSON.stringify(base)}; allowed: ${others.join(', ')}.`);
  }
  return merged(read(base, folder, chain), settings);
}

function readDocument(name: string, folder: string): Document {
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) throw new ConfigurationError(`${pathOf(name)} does not exist.`);
  const document = parse(readFileSync(path, 'utf8'), name);
  if (!isObject(document)) throw new ConfigurationError(`${pathOf(name)} holds no JSON object.`);
  return document;
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(`${pathOf(name)} is not JSON: ${(error as Error).message}.`);
  }
}

/** Objects are merged setting by setting; everything else is replaced. */
function merged(base: Document, more: Document): Document {
  const overridden = Object.entries(more).map(([key, value]) => {
    const inherited = base[key];
    return [key, isObject(inherited) && isObject(value) ? merged(inherited, value) : value];
  });
  return { ...base, ...Object.fromEntries(overridden) };
}

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The file of an environment, for a message; of several all files. */
export function pathOf(name: string): string {
  return namesIn(name)
    .map((each) => `${ENVIRONMENTS_FOLDER}/${each}.json`)
    .join(' and ');
}
