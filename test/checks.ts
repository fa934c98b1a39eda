import { delimiter, join } from 'node:path';
import { binOf, LOCAL } from '../local/paths';

/** One command of `npm test`. */
export interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Where it runs, below the repository's top. @default the top */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Where the runner writes what it counted; a check without one counts as a single test. */
  readonly counts?: { readonly format: 'junit'; readonly file: string };
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

/** Its `pyproject.toml` holds the emulators' settings of mypy and pytest. */
const EMULATORS = 'local/emulators';
const DAGS = ['../../airflow/dags/reviews_dbt.py', '../../airflow/dags/transformation'];

/** Spark's launcher finds its Python by the path. */
const gluePath = { PATH: `${binOf('glue')}${delimiter}${process.env.PATH}` };

const quiet = (name: string, ...command: [string, ...string[]]): Check => ({ name, command, fast: true, quiet: true });

/** Tests of a project of `vitest.config.ts`, or of all whose names begin with the one given. */
function vitest(project: string, fast: boolean): Check {
  const file = join(REPORTS, `vitest-${project}.xml`);
  return {
    name: `vitest: ${project}`,
    command: [
      'vitest',
      'run',
      '--project',
      `${project}*`,
      '--reporter=default',
      '--reporter=junit',
      `--outputFile.junit=${file}`,
    ],
    counts: { format: 'junit', file },
    fast,
    quiet: false,
  };
}

function pytest(name: string, folder: string, tool: string, env: Record<string, string>, fast: boolean): Check {
  const file = join(REPORTS, `pytest-${name}.xml`);
  return {
    name: `pytest: ${name}`,
    command: [tool, folder, `--junit-xml=${file}`],
    env,
    counts: { format: 'junit', file },
    fast,
    quiet: false,
  };
}

/** Everything `npm test` runs, in this order: what fails fastest comes first. */
export const CHECKS: readonly Check[] = [
  quiet('Biome: lint and format', 'biome', 'check', '--error-on-warnings', '.'),
  quiet('Vocabulary: plain English', 'tsx', 'test/vocabulary/main.ts'),
  quiet('TypeScript: types', 'tsc', '--noEmit'),
  quiet('Ruff: lint', glue('ruff'), 'check', '.'),
  quiet('Ruff: format', glue('ruff'), 'format', '--check', '.'),
  quiet('mypy: Glue scripts', glue('mypy'), 'glue-scripts', 'local/samples'),
  { ...quiet('mypy: local AWS', aws('mypy'), 'aws/local_aws', 'shared/local_shared'), folder: EMULATORS },
  {
    // In one run, and not a fast one: it reads all of Airflow.
    ...quiet('mypy: DAGs, local Airflow', airflow('mypy'), ...DAGS, 'airflow/local_airflow'),
    folder: EMULATORS,
    env: { MYPYPATH: ['../../airflow/dags', 'airflow'].join(delimiter) },
    fast: false,
  },
  { ...quiet('mypy: local Snowflake', snowflake('mypy'), 'snowflake/local_snowflake'), folder: EMULATORS },
  { ...quiet('sqlfluff: dbt project', dbt('sqlfluff'), 'lint', '.'), folder: 'dbt', fast: false },
  vitest('unit', true),
  pytest('samples', 'test/samples', glue('pytest'), {}, true),
  vitest('templates', false),
  pytest('local-aws', `${EMULATORS}/aws/test`, aws('pytest'), {}, false),
  pytest('local-snowflake', `${EMULATORS}/snowflake/test`, snowflake('pytest'), {}, false),
  pytest('dbt', 'test/dbt', dbt('pytest'), {}, false),
  pytest('airflow', 'test/airflow', airflow('pytest'), {}, false),
  pytest('glue', 'test/glue', glue('pytest'), gluePath, false),
  vitest('e2e', false),
];
