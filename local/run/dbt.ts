import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, ROOT } from '../paths';
import type { Platform } from '../platform/platform';
import { NAMES } from '../platform/snowflake-account';
import { countsOf, type DbtBuild } from './dbt-results';

const PROJECT = join(ROOT, 'dbt');

/** What dbt needs in its environment to reach the local Snowflake. */
function environment({ warehouse: { accessUrl, account } }: Platform): Record<string, string> {
  const { hostname, port } = new URL(accessUrl);
  return {
    SNOWFLAKE_ACCOUNT: account.account,
    SNOWFLAKE_USER: account.user,
    SNOWFLAKE_PRIVATE_KEY_PATH: account.privateKeyFile,
    SNOWFLAKE_ROLE: NAMES.transformer,
    SNOWFLAKE_WAREHOUSE: NAMES.warehouse,
    SNOWFLAKE_DATABASE: NAMES.database,
    SNOWFLAKE_HOST: hostname,
    SNOWFLAKE_PORT: port,
    SNOWFLAKE_PROTOCOL: 'http',
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'False',
  };
}

/**
 * `dbt build` of the whole project against the local Snowflake.
 *
 * @param folder for dbt's artifacts and log
 * @param onLine told what dbt says as it says it
 * @throws Error with dbt's words where it did not come so far as to build anything
 */
export async function dbtBuild(
  platform: Platform,
  folder: string,
  onLine: (line: string) => void = () => {},
): Promise<DbtBuild> {
  const target = join(folder, 'target');
  mkdirSync(target, { recursive: true });
  const build = execa(
    join(binOf('dbt'), 'dbt'),
    [
      // Unit tests try the models on made-up rows; they say nothing of this run's.
      ...['build', '--exclude-resource-type', 'unit_test', '--project-dir', PROJECT, '--profiles-dir', PROJECT],
      ...['--target-path', target, '--log-path', join(folder, 'logs'), '--no-use-colors'],
      // All files of a run are there before dbt starts: nothing is still on its way.
      ...['--vars', '{visibility_minutes: 0}'],
    ],
    { cwd: folder, env: environment(platform), all: true, reject: false },
  );
  for await (const line of build.iterable({ from: 'all' })) onLine(line);
  const { all, exitCode } = await build;
  const results = join(target, 'run_results.json');
  if (!existsSync(results)) throw new Error(`dbt could not build anything:\n${all}`);
  return { ...countsOf(readFileSync(results, 'utf8')), succeeded: exitCode === 0, output: all };
}
