// Names that the stack, the function and the permissions share.

/** Name of the MWAA environment. */
export function airflowEnvironmentName(prefix: string): string {
  return `${prefix}-airflow`;
}

/** Log groups of an environment, which MWAA names so; by the key that its logging configuration has for them. */
export function airflowLogGroups(environmentName: string) {
  return {
    dagProcessingLogs: `airflow-${environmentName}-DAGProcessing`,
    schedulerLogs: `airflow-${environmentName}-Scheduler`,
    taskLogs: `airflow-${environmentName}-Task`,
    webserverLogs: `airflow-${environmentName}-WebServer`,
    workerLogs: `airflow-${environmentName}-Worker`,
  } as const;
}

/** Where Airflow looks for connections and variables in Secrets Manager: `<prefix>/airflow/connections/<name>`. */
export function airflowSecretPrefixes(prefix: string) {
  return { connections: `${prefix}/airflow/connections`, variables: `${prefix}/airflow/variables` } as const;
}

/** Folders of the bucket that MWAA reads. */
export const BUCKET_FOLDERS = {
  dags: 'dags',
  startup: 'startup',
  requirements: 'requirements',
  artifacts: 'artifacts/dbt',
} as const;
