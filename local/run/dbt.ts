import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, LOCAL, ROOT } from '../paths';
import type { Platform } from '../platform/platform';
import { NAMES } from '../platform/snowflake-account';
import { countsOf, type DbtBuild } from './dbt-results';

const PROJECT = join(ROOT, 'dbt');

/** The parsed project, kept between runs: parsing takes twice as long as reading it. */
const PARSED = join(LOCAL, 'dbt');

/** Variables that dbt parses the models with. They stay the same in every run, or dbt would parse all models again. */
const PARSED_WITH = {
  SNOWFLAKE_ACCOUNT: 'LOCAL',
  SNOWFLAKE_USER: NAMES.dbtUser,
  SNOWFLAKE_ROLE: NAMES.transformer,
  SNOWFLAKE_WAREHOUSE: NAMES.warehouse,
  SNOWFLAKE_DATABASE: NAMES.database,
  SNOWFLAKE_GOVERNANCE: 'true',
  DBT_SEND_ANONYMOUS_USAGE_STATS: 'False',
};

/** The whole project, each rule by its own test: what `all_rules` asks, it would ask twice. */
const EVERYTHING = ['--exclude', 'test_name:all_rules'];

/** The other variables, with which dbt reaches this run's local Snowflake. */
function environment({ warehouse: { accessUrl, dbt } }: Pick<Platform, 'warehouse'>): Record<string, string> {
  const { hostname, port } = new URL(accessUrl);
  return {
    SNOWFLAKE_ACCOUNT: dbt.account,
    SNOWFLAKE_USER: dbt.user,
    SNOWFLAKE_PRIVATE_KEY_PATH: dbt.privateKeyFile,
    SNOWFLAKE_HOST: hostname,
    SNOWFLAKE_PORT: port,
    SNOWFLAKE_PROTOCOL: 'http',
  };
}

/** A dbt that has been started and waits to be told what to build. */
export interface StartedDbt {
  /**
   * `dbt build` of the whole project against the local Snowflake, once.
   *
   * @param folder for dbt's artifacts and log
   * @param onLine called with each line that dbt prints
   * @param selection further arguments, by which dbt builds a part of the project; all of it without them
   * @throws Error with dbt's output if it could not build anything
   */
  build(
    platform: Pick<Platform, 'warehouse'>,
    folder: string,
    onLine?: (line: string) => void,
    selection?: readonly string[],
  ): Promise<DbtBuild>;
  /** Ends it after it has parsed, if nothing is to be built. */
  stop(): Promise<void>;
}

/**
 * Starts dbt before the platform is up: loading its modules and parsing the project need no Snowflake, and take longer than its
 * work in Snowflake for a few thousand reviews.
 */
export function startDbt(): StartedDbt {
  mkdirSync(PARSED, { recursive: true });
  const dbt = execa(
    join(binOf('dbt'), 'python'),
    [
      ...[join(ROOT, 'local/run/dbt_ahead.py'), '--project-dir', PROJECT, '--parsed', PARSED],
      // All files of a run are there before dbt starts: nothing is still on its way.
      ...['--vars', '{visibility_minutes: 0}'],
    ],
    { env: PARSED_WITH, all: true, reject: false },
  );
  const build: StartedDbt['build'] = async (platform, folder, onLine = () => {}, selection = EVERYTHING) => {
    const target = join(folder, 'target');
    mkdirSync(target, { recursive: true });
    // If this build fails early, the results of the build before it must not be read.
    const results = join(target, 'run_results.json');
    rmSync(results, { force: true });
    const asked = {
      environment: environment(platform),
      // Unit tests check the models on made-up rows, not on the rows of this run.
      arguments: [
        ...['build', '--exclude-resource-type', 'unit_test', ...selection],
        ...['--target-path', target, '--log-path', join(folder, 'logs')],
      ],
    };
    dbt.stdin.end(`${JSON.stringify(asked)}\n`);
    for await (const line of dbt.iterable({ from: 'all' })) onLine(line);
    const { all, exitCode } = await dbt;
    if (!existsSync(results)) throw new Error(`dbt could not build anything:\n${all}`);
    return { ...countsOf(readFileSync(results, 'utf8')), succeeded: exitCode === 0, output: all };
  };
  const stop = async (): Promise<void> => {
    dbt.stdin.end();
    await dbt;
  };
  return { build, stop };
}

/** `dbt build` by a dbt that starts now: see {@link StartedDbt.build}. */
export const dbtBuild: StartedDbt['build'] = (...build) => startDbt().build(...build);
