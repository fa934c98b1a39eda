import type { ListrTask } from 'listr2';
import { airflowDatabaseMade, makeAirflowDatabase } from './airflow-database';
import { type EnvironmentName, installEnvironment, isInstalled, SPECS } from './python';
import { installSparkJars, sparkJarsInstalled } from './spark-jars';

/** What a command needs to be installed. */
export const NEEDS = {
  local: ['aws', 'glue', 'snowflake', 'dbt', 'airflow'],
  'local --no-airflow': ['aws', 'glue', 'snowflake', 'dbt'],
  test: ['aws', 'glue-dev', 'snowflake', 'dbt-dev', 'airflow'],
  bench: ['bench'],
  docs: ['docs', 'dbt'],
} as const satisfies Record<string, readonly EnvironmentName[]>;

/** The set-up steps a command still needs, empty when everything is installed. One after the other: they share network and disk. */
export function setupSteps(command: keyof typeof NEEDS): ListrTask[] {
  const needs: readonly EnvironmentName[] = NEEDS[command];
  const environments = needs.filter((name) => !isInstalled(name));
  const steps: ListrTask[] = environments.map((name) => ({
    title: `Install Python environment "${name}" (Python ${SPECS[name].python})`,
    task: (_context, task) =>
      installEnvironment(name, (line) => {
        task.output = line;
      }),
  }));
  if (needs.includes('aws') && !sparkJarsInstalled())
    steps.push({ title: "Fetch Spark's S3 jars", task: installSparkJars });
  if (needs.includes('airflow') && !airflowDatabaseMade())
    steps.push({ title: "Make Airflow's database", task: makeAirflowDatabase });
  return steps;
}
