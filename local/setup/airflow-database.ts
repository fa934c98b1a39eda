import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { AIRFLOW_DATABASE, binOf, ROOT } from '../paths';
import { SPECS } from './python';
import { hashOfFiles, isCurrent, markCurrent } from './stamp';

const STAMP = 'airflow-database';

/** Airflow's tables are those of its version, which the lock file says. */
const hash = (): string => hashOfFiles([join(ROOT, SPECS.airflow.requirements)]);

export const airflowDatabaseMade = (): boolean => existsSync(AIRFLOW_DATABASE) && isCurrent(STAMP, hash());

/** Makes the database that every Airflow of this machine starts from. Needs the environment "airflow". */
export async function makeAirflowDatabase(): Promise<void> {
  const home = join(dirname(AIRFLOW_DATABASE), 'new');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  const made = join(home, 'airflow.db');
  await execa(join(binOf('airflow'), 'airflow'), ['db', 'migrate'], {
    env: {
      AIRFLOW_HOME: home,
      AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${made}`,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    },
  });
  renameSync(made, AIRFLOW_DATABASE);
  rmSync(home, { recursive: true });
  markCurrent(STAMP, hash());
}
