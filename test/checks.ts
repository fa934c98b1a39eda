import { delimiter, join } from 'node:path';
import { binOf, LOCAL } from '../local/paths';

/** One command of `npm test`. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Where it runs, below the repository's top. @default the top */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** JUnit file in which the command writes what it counted; a check without one counts as a single test. */
  readonly report?: string;
  /** Part of the fast feedback (`npm run test:unit`). */
  readonly fast: boolean;
  /** Only a failure's output is worth reading. */
  readonly quiet: boolean;
}

const REPORTS = join(LOCAL, 'test');
const glue = (tool: string): string => join(binOf('glue'), tool);
const snowflake = (tool: string): string => join(binOf('snowflake'), tool);
const dbt = (tool: string): string => join(binOf('dbt'), tool);
const aws = (tool: string): string => join(binOf('aws'), tool);
const airflow = (tool: string): string => join(binOf('airflow'), tool);
const connectors = (tool: string): string => join(binOf('connectors'), tool);
const dms = (tool: string): string => join(binOf('dms'), tool);

/** Its `pyproject.toml` holds the emulators' settings of mypy and pytest. */
const EMULATORS = 'local/emulators';
const CONNECTORS = ['../../lib/functions/run-connector', 'sources/local_sources'];
const DAGS = ['../../airflow/dags/reviews_dbt.py', '../../airflow/dags/transformation'];

/** Spark's launcher finds its Python by the path. */
const gluePath = { PATH: `${binOf('glue')}${delimiter}${process.env.PATH}` };

const quiet = (name: string, ...command: [string, ...string[]]): Check => ({ name, command, fast: true, quiet: true });

/** Type check of Python code by the mypy of an environment. Each has a cache of its own: they run at the same time, and on different packages. */
function mypy(name: string, tool: string, ...paths: string[]): Check {
  const cache = join(LOCAL, 'mypy', name.replaceAll(/\W+/g, '-'));
  return quiet(`mypy: ${name}`, tool, '--cache-dir', cache, ...paths);
}

/** Tests of a project of `vitest.config.ts`, or of all whose names begin with the one given; `more` narrows them. */
function vitest(name: string, fast: boolean, project = name, ...more: string[]): Check {
  const report = join(REPORTS, `vitest-${name}.xml`);
  const reporters = ['--reporter=default', '--reporter=junit', `--outputFile.junit=${report}`];
  return {
    name: `vitest: ${name}`,
    command: ['vitest', 'run', '--project', `${project}*`, ...reporters, ...more],
    report,
    fast,
    quiet: false,
  };
}

function pytest(name: string, folder: string, tool: string, env: Record<string, string>, fast: boolean): Check {
  const report = join(REPORTS, `pytest-${name}.xml`);
  return {
    name: `pytest: ${name}`,
    command: [tool, folder, `--junit-xml=${report}`],
    env,
    report,
    fast,
    quiet: false,
  };
}

/**
 * One more than two cores have: a check that runs servers waits for much of its time (of an end-to-end file that had the machine to
 * itself, 177 CPU seconds took 143). Each takes up to two gigabytes.
 */
export const CHECKS_AT_ONCE = 3;

/** End-to-end files that run beside the others, with which they share no state: the longest of all. */
const E2E_AIRFLOW = ['test/e2e/orchestration.test.ts'];

/** And those that work in the folders of `npm run local` and of its dbt, so one after the other. */
const E2E_LOCAL = ['sample', 'real-reviews', 'presentation', 'newcomer'].map((name) => `test/e2e/${name}.test.ts`);

const E2E_APART = [...E2E_AIRFLOW, ...E2E_LOCAL].flatMap((file) => ['--exclude', file]);

/** Everything `npm test` starts, in this order: what fails fastest comes first, then the longest, so that the last end together. */
export const CHECKS: readonly Check[] = [
  quiet('Biome: lint and format', 'biome', 'check', '--error-on-warnings', '.'),
  quiet('Vocabulary: plain English', 'tsx', 'test/vocabulary/main.ts'),
  quiet('TypeScript: types', 'tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', join(LOCAL, 'tsc.tsbuildinfo')),
  // Code of a browser, which knows other types.
  quiet('TypeScript: types of the page', 'tsc', '--noEmit', '--project', 'operator/page/client'),
  quiet('Ruff: lint', glue('ruff'), 'check', '.'),
  quiet('Ruff: format', glue('ruff'), 'format', '--check', '.'),
  { ...mypy('connectors, local sources', connectors('mypy'), ...CONNECTORS), folder: EMULATORS },
  { ...mypy('shared code of the emulators', connectors('mypy'), 'shared/local_shared'), folder: EMULATORS },
  { ...mypy('local PostgreSQL', connectors('mypy'), 'postgres/local_postgres'), folder: EMULATORS },
  { ...mypy('local MongoDB', connectors('mypy'), 'mongodb/local_mongodb'), folder: EMULATORS },
  { ...mypy('local MariaDB', connectors('mypy'), 'mariadb/local_mariadb'), folder: EMULATORS },
  { ...mypy('local Cassandra', connectors('mypy'), 'cassandra/local_cassandra'), folder: EMULATORS },
  { ...mypy('local object stores', connectors('mypy'), 'azure/local_azure', 'gcs/local_gcs'), folder: EMULATORS },
  { ...mypy('local DMS', dms('mypy'), 'dms/local_dms'), folder: EMULATORS },
  mypy('Glue scripts', glue('mypy'), 'glue-scripts', 'local/samples'),
  { ...mypy('local AWS', aws('mypy'), 'aws/local_aws'), folder: EMULATORS },
  {
    // In one run, and not a fast one: it reads all of Airflow.
    ...mypy('DAGs, local Airflow', airflow('mypy'), ...DAGS, 'airflow/local_airflow'),
    folder: EMULATORS,
    env: { MYPYPATH: ['../../airflow/dags', 'airflow'].join(delimiter) },
    fast: false,
  },
  {
    ...mypy(
      'local Kafka',
      aws('mypy'),
      ...['--python-executable', join(binOf('kafka'), 'python')],
      'kafka/local_kafka',
    ),
    folder: EMULATORS,
    env: { MYPYPATH: ['shared', '../samples'].join(delimiter) },
  },
  { ...mypy('local Snowflake', snowflake('mypy'), 'snowflake/local_snowflake'), folder: EMULATORS },
  { ...quiet('sqlfluff: dbt project', dbt('sqlfluff'), 'lint', '.'), folder: 'dbt', fast: false },
  vitest('unit', true),
  pytest('samples', 'test/samples', glue('pytest'), {}, false),
  vitest('e2e-airflow', false, 'e2e', ...E2E_AIRFLOW),
  vitest('e2e', false, 'e2e', ...E2E_APART),
  vitest('e2e-local', false, 'e2e', ...E2E_LOCAL),
  pytest('dbt', 'test/dbt', dbt('pytest'), {}, false),
  pytest('glue', 'test/glue', glue('pytest'), gluePath, false),
  pytest('airflow', 'test/airflow', airflow('pytest'), {}, false),
  pytest('local-snowflake', `${EMULATORS}/snowflake/test`, snowflake('pytest'), {}, false),
  pytest('connectors', 'test/functions/run-connector', connectors('pytest'), {}, false),
  pytest('local-dms', `${EMULATORS}/dms/test`, dms('pytest'), {}, false),
  pytest('local-aws', `${EMULATORS}/aws/test`, aws('pytest'), {}, false),
  vitest('templates', false),
  vitest('documented-commands', false),
  vitest('kernel-wheels', false),
];

const pytestOfSources = pytest('sources', 'test/functions/run-connector', connectors('pytest'), {}, false);

/** Everything `npm run test:sources` starts: the functions' code first, then the whole way of what they fetch. */
export const CHECKS_OF_SOURCES: readonly Check[] = [
  { ...pytestOfSources, command: [...pytestOfSources.command, '--sources'] },
  vitest('sources', false),
];
