import type { ListrTask } from 'listr2';
import { taskList } from '../task-list';
import { airflowDatabaseMade, makeAirflowDatabase } from './airflow-database';
import { announcement, needsOf } from './announcement.mjs';
import { azuriteInstalled, installAzurite } from './azurite';
import { FERRETDB_PART, ferretdbInstalled, installFerretdb } from './ferretdb';
import { installJars, isJars, jarsInstalled, titleOfJars } from './jars';
import { type EnvironmentName, installEnvironment, isInstalled, SPECS } from './python';

/** Commands that need something to be installed, as `parts.json` has them. */
export type Command =
  | 'local'
  | 'local --no-airflow'
  | 'local --with rest'
  | 'local --with postgres'
  | 'local --with mysql'
  | 'local --with mongodb'
  | 'local --with cassandra'
  | 'local --with cdc'
  | 'bench cdc'
  | 'bench connector-memory'
  | 'local --with kafka'
  | 'local --with azure'
  | 'local --with gcs'
  | 'test'
  | 'test:sources'
  | 'bench'
  | 'docs'
  | 'validate'
  | 'setup';

const isEnvironment = (part: string): part is EnvironmentName => part in SPECS;

/** The missing parts among those that this process can install. The npm packages are present, or it would not run. */
function missingParts(needed: readonly string[]): string[] {
  return needed.filter((part) => {
    if (isEnvironment(part)) return !isInstalled(part);
    if (isJars(part)) return !jarsInstalled(part);
    return (part === 'azurite' && !azuriteInstalled()) || (part === FERRETDB_PART && !ferretdbInstalled());
  });
}

const installStep = (name: EnvironmentName): ListrTask => ({
  title: `Install Python environment "${name}" (Python ${SPECS[name].python})`,
  task: (_context, task) =>
    installEnvironment(name, (line) => {
      task.output = line;
    }),
});

/**
 * Installs what commands still need; where that is nothing it says nothing. One part after the other: they share network and disk.
 *
 * @throws Error that names the part and the reason
 */
export async function setUp(...commands: readonly Command[]): Promise<void> {
  const needed = needsOf(...commands);
  const missing = missingParts(needed);
  const steps = missing.filter(isEnvironment).map(installStep);
  for (const jars of missing.filter(isJars)) {
    steps.push({ title: `Fetch ${titleOfJars(jars)}`, task: () => installJars(jars) });
  }
  if (missing.includes('azurite')) steps.push({ title: 'Install Azurite', task: installAzurite });
  if (missing.includes(FERRETDB_PART)) steps.push({ title: 'Build FerretDB', task: installFerretdb });
  const withAirflow = needed.some((part) => part.startsWith('airflow'));
  if (withAirflow && !airflowDatabaseMade())
    steps.push({ title: "Make Airflow's database", task: makeAirflowDatabase });
  if (steps.length === 0) return;
  // On a first run the bootstrap has said so already, for the npm packages as well.
  if (missing.length > 0 && !process.env.REVIEWS_SETUP_ANNOUNCED) console.log(announcement(missing));
  await taskList(steps).run();
}
