import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUCKET_FOLDERS } from './airflow-names';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Stands in the template of the startup script for dbt's lock file. */
export const LOCK_PLACEHOLDER = '@@DBT_REQUIREMENTS@@';

/** A file of the environment, under a name that says what is in it. */
export interface EnvironmentFile {
  /** Folder of the bucket. */
  readonly folder: string;
  /** `<SHA-256 of the content>.<ending>`: other content is another name, which MWAA takes for a change. */
  readonly fileName: string;
  readonly content: string;
}

/**
 * The script that MWAA runs before it starts a component. It has dbt's lock file in it: the DAGs folder may not be there yet.
 *
 * @param packageIndexUrl package index to install from; the public one where undefined
 */
export function startupScript(packageIndexUrl: string | undefined): EnvironmentFile {
  const lock = `${indexOption(packageIndexUrl)}${read('dbt/requirements.txt')}`;
  return named(BUCKET_FOLDERS.startup, 'sh', renderStartupScript(read('airflow/startup.sh.template'), lock));
}

/** What MWAA installs next to Airflow itself. */
export function requirements(packageIndexUrl: string | undefined): EnvironmentFile {
  const content = `${indexOption(packageIndexUrl)}${read('airflow/requirements.txt')}`;
  return named(BUCKET_FOLDERS.requirements, 'txt', content);
}

/**
 * Puts the lock file in the place that the template has for it.
 *
 * @throws Error if the template does not have exactly one
 */
export function renderStartupScript(template: string, lock: string): string {
  const [before, after, ...more] = template.split(LOCK_PLACEHOLDER);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `airflow/startup.sh.template has ${template.split(LOCK_PLACEHOLDER).length - 1} places for dbt's lock file: write ${LOCK_PLACEHOLDER} in it once.`,
    );
  }
  return `${before}${lock.trimEnd()}${after}`;
}

/** pip reads the index from the requirements file itself. "Requirements File Format", pip documentation. */
function indexOption(packageIndexUrl: string | undefined): string {
  return packageIndexUrl === undefined ? '' : `--index-url ${packageIndexUrl}\n`;
}

function named(folder: string, ending: string, content: string): EnvironmentFile {
  const hash = createHash('sha256').update(content).digest('hex');
  return { folder, fileName: `${hash}.${ending}`, content };
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}
