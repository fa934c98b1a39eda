import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { binOf, ENVIRONMENTS, type PythonEnvironment, ROOT } from '../paths';
import { hashOfFiles, isCurrent, markCurrent } from './stamp';

interface EnvironmentSpec {
  /** Python's version: the one the component runs on in AWS. */
  readonly python: string;
  /** Hash-locked requirements, from the repository's top. */
  readonly requirements: string;
}

/** Every Python environment of the project. */
export const SPECS = {
  aws: { python: '3.12', requirements: 'local/emulators/aws/requirements.txt' },
  'aws-dev': { python: '3.12', requirements: 'local/emulators/aws/requirements-dev.txt' },
  glue: { python: '3.13', requirements: 'glue-scripts/requirements.txt' },
  'glue-dev': { python: '3.13', requirements: 'glue-scripts/requirements-dev.txt' },
  snowflake: { python: '3.12', requirements: 'local/emulators/snowflake/requirements.txt' },
  'snowflake-dev': { python: '3.12', requirements: 'local/emulators/snowflake/requirements-dev.txt' },
  dbt: { python: '3.12', requirements: 'dbt/requirements.txt' },
  'dbt-dev': { python: '3.12', requirements: 'dbt/requirements-dev.txt' },
  airflow: { python: '3.12', requirements: 'airflow/requirements-local.txt' },
  'airflow-dev': { python: '3.12', requirements: 'airflow/requirements-local-dev.txt' },
  connectors: { python: '3.13', requirements: 'lib/functions/run-connector/requirements.txt' },
  'connectors-dev': { python: '3.13', requirements: 'lib/functions/run-connector/requirements-dev.txt' },
  postgres: { python: '3.12', requirements: 'local/emulators/postgres/requirements.txt' },
  mariadb: { python: '3.12', requirements: 'local/emulators/mariadb/requirements.txt' },
  mongodb: { python: '3.12', requirements: 'local/emulators/mongodb/requirements.txt' },
  go: { python: '3.12', requirements: 'local/setup/go-requirements.txt' },
  cassandra: { python: '3.12', requirements: 'local/emulators/cassandra/requirements.txt' },
  dms: { python: '3.12', requirements: 'local/emulators/dms/requirements.txt' },
  'dms-dev': { python: '3.12', requirements: 'local/emulators/dms/requirements-dev.txt' },
  kafka: { python: '3.12', requirements: 'local/emulators/kafka/requirements.txt' },
  gcs: { python: '3.12', requirements: 'local/emulators/gcs/requirements.txt' },
  docs: { python: '3.12', requirements: 'docs/site/requirements.txt' },
  checkov: { python: '3.13', requirements: 'test/checkov/requirements.txt' },
  bench: { python: '3.13', requirements: 'test/bench/requirements.txt' },
} as const satisfies Record<string, EnvironmentSpec>;

export type EnvironmentName = keyof typeof SPECS;

/** The checks' environments are the components' environments with more packages. Running the platform needs none of the additions. */
const EXTENDS = {
  'aws-dev': 'aws',
  'glue-dev': 'glue',
  'snowflake-dev': 'snowflake',
  'dbt-dev': 'dbt',
  'airflow-dev': 'airflow',
  'connectors-dev': 'connectors',
  'dms-dev': 'dms',
} as const;

const extended = (name: EnvironmentName): EnvironmentName | undefined =>
  name in EXTENDS ? EXTENDS[name as keyof typeof EXTENDS] : undefined;

/** Where an environment lives. */
const folderOf = (name: EnvironmentName): PythonEnvironment =>
  name in EXTENDS ? EXTENDS[name as keyof typeof EXTENDS] : (name as PythonEnvironment);

const UV_REQUIREMENTS = join(ROOT, 'local/setup/uv-requirements.txt');

async function found(command: string, args: readonly string[]): Promise<boolean> {
  const run = await execa(command, args, { reject: false });
  return run.exitCode === 0;
}

/** The `uv` to use: the machine's own, else one installed (hash-locked) into the project's environment folder. */
async function findUv(): Promise<string> {
  if (await found('uv', ['--version'])) return 'uv';
  const own = join(binOf('uv'), 'uv');
  const hash = hashOfFiles([UV_REQUIREMENTS]);
  if (existsSync(own) && isCurrent('python-uv', hash) && (await found(own, ['--version']))) return own;
  await execa('python3', ['-m', 'venv', '--clear', join(ENVIRONMENTS, 'uv')]);
  await execa(join(binOf('uv'), 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--require-hashes',
    '-r',
    UV_REQUIREMENTS,
  ]);
  markCurrent('python-uv', hash);
  return own;
}

/** pyenv's shims answer only for the version chosen; naming every installed one lets uv find them all. */
async function pyenvVersions(): Promise<Record<string, string>> {
  const run = await execa('pyenv', ['versions', '--bare'], { reject: false });
  return run.exitCode === 0 ? { PYENV_VERSION: run.stdout.split('\n').join(':') } : {};
}

/**
 * Whether an environment's programs find their Python: they contain its path, unless they were made relocatable. In a checkout that
 * was moved or copied they do not.
 */
export function standsWhereMade(folder: string): boolean {
  const [configuration, activate] = ['pyvenv.cfg', 'bin/activate'].map((file) => join(folder, file));
  if (!configuration || !activate || !existsSync(configuration) || !existsSync(activate)) return false;
  if (/^relocatable = true$/m.test(readFileSync(configuration, 'utf8'))) return true;
  const made = /VIRTUAL_ENV=(['"]?)(\/.*?)\1$/m.exec(readFileSync(activate, 'utf8'))?.[2];
  return made === folder;
}

/** Whether the environment is installed, here and from the lock file as it is now. */
export function isInstalled(name: EnvironmentName): boolean {
  return (
    standsWhereMade(join(ENVIRONMENTS, folderOf(name))) &&
    isCurrent(`python-${name}`, hashOfFiles([join(ROOT, SPECS[name].requirements)]))
  );
}

/**
 * Creates an environment in a folder from its hash-locked requirements.
 *
 * @param keep whether an environment already in the folder only gets the missing packages, instead of being made again
 * @param onLine told what uv says
 * @throws Error that names the environment, the lock file and uv's own words.
 */
export async function createEnvironment(
  name: EnvironmentName,
  folder: string,
  onLine: (line: string) => void,
  keep = false,
): Promise<void> {
  const { python, requirements } = SPECS[name];
  const uv = await findUv();
  const env = { ...(await pyenvVersions()), UV_NO_PROGRESS: '1' };
  try {
    if (!keep) {
      rmSync(folder, { recursive: true, force: true });
      await execa(uv, ['venv', '--quiet', '--relocatable', '--python', python, folder], { env });
    }
    const install = execa(
      uv,
      [
        ...['pip', 'install', '--require-hashes', '--python', folder, '-r', requirements],
        // Once now: where Python is told not to write bytecode, every start of Airflow or dbt would compile thousands of modules again.
        '--compile-bytecode',
      ],
      { env, cwd: ROOT, all: true },
    );
    for await (const line of install.iterable({ from: 'all' })) if (!line.startsWith(' ')) onLine(line);
    await install;
  } catch (error) {
    const said = error instanceof ExecaError ? (error.all ?? error.stderr ?? error.message) : String(error);
    throw new Error(`Python environment "${name}" (Python ${python}, ${requirements}) could not be installed: ${said}`);
  }
}

/**
 * Installs an environment of the project.
 *
 * @throws Error that names the environment, the lock file and uv's own words.
 */
export async function installEnvironment(name: EnvironmentName, onLine: (line: string) => void): Promise<void> {
  const base = extended(name);
  const keep = base !== undefined && isInstalled(base);
  await createEnvironment(name, join(ENVIRONMENTS, folderOf(name)), onLine, keep);
  if (base) markCurrent(`python-${base}`, hashOfFiles([join(ROOT, SPECS[base].requirements)]));
  markCurrent(`python-${name}`, hashOfFiles([join(ROOT, SPECS[name].requirements)]));
}
