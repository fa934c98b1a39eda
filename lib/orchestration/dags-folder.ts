import { cpSync, mkdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The DAGs, from the top of the repository. */
const DAGS = 'airflow/dags';

/** dbt's project without what only developers use: Airflow would take its Python for DAGs. */
const DBT_PROJECT = ['dbt_project.yml', 'profiles.yml', 'macros', 'models', 'tests'];

/** Where Airflow runs there is no repository around the DAGs, so the contract is copied beside them. */
const CONTRACT = 'contracts/orchestration.json';

/** Folder of the DAGs in a checkout. */
export const DAGS_SOURCE = join(ROOT, DAGS);

/**
 * Copies what Airflow's DAGs folder holds: the DAGs, dbt's project in `dbt/`, the contract in `contracts/`.
 *
 * @param directory an empty folder
 */
export function stageDagsFolder(directory: string): void {
  copy(DAGS, directory);
  for (const part of DBT_PROJECT) copy(join('dbt', part), join(directory, 'dbt', part));
  copy(CONTRACT, join(directory, CONTRACT));
}

function copy(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(ROOT, source), target, { recursive: true, filter: isSource });
}

/** False for what Python and its tools leave behind, which differs from machine to machine. */
function isSource(path: string): boolean {
  const name = basename(path);
  return !name.endsWith('.pyc') && !['__pycache__', '.mypy_cache', '.ruff_cache', '.pytest_cache'].includes(name);
}
