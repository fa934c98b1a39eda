import { airflowSecretPrefixes } from './airflow-names';

/** What only a deployment knows, and the DAG needs. */
export interface DagConfiguration {
  /** Topic that receives alerts about failures. */
  readonly alertTopicArn: string;
  /** Where dbt's artifacts are kept: `s3://<bucket>/<prefix>`. */
  readonly artifactsUri: string;
  /** Cron, UTC. */
  readonly dbtSchedule: string;
  /** Name of the secret with dbt's login. */
  readonly snowflakeSecret: string;
  readonly snowflakeRole: string;
  readonly snowflakeWarehouse: string;
  readonly snowflakeDatabase: string;
  /** Whether the warehouse has tags, and dbt is to set them (`warehouse.governance`). */
  readonly snowflakeGovernance: boolean;
}

/**
 * How long after it was last parsed Airflow marks a DAG as stale (seconds). Airflow 3.0 counts the failure callback of a run as a reading that
 * finds no DAG (apache/airflow#55315, fixed in 3.1): by default two failed runs within a minute make it drop a DAG for half a minute,
 * and asset events that come meanwhile start nothing.
 */
const STALE_DAG_SECONDS = 3600;

/**
 * Airflow's configuration options. Those of the section `reviews` are the DAG's own: it finds them, as it would any option, in
 * environment variables such as AIRFLOW__REVIEWS__DBT_SCHEDULE.
 * "Using Apache Airflow configuration options on Amazon MWAA", Amazon MWAA User Guide.
 *
 * @param prefix first part of the environment's names, and of its secrets
 */
export function airflowConfiguration(prefix: string, dag: DagConfiguration): Record<string, string> {
  const { connections, variables } = airflowSecretPrefixes(prefix);
  return {
    'secrets.backend': 'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend',
    'secrets.backend_kwargs': JSON.stringify({ connections_prefix: connections, variables_prefix: variables }),
    'dag_processor.stale_dag_threshold': String(STALE_DAG_SECONDS),
    'reviews.alert_topic_arn': dag.alertTopicArn,
    'reviews.environment': prefix,
    'reviews.artifacts_uri': dag.artifactsUri,
    'reviews.dbt_schedule': dag.dbtSchedule,
    'reviews.snowflake_secret': dag.snowflakeSecret,
    'reviews.snowflake_role': dag.snowflakeRole,
    'reviews.snowflake_warehouse': dag.snowflakeWarehouse,
    'reviews.snowflake_database': dag.snowflakeDatabase,
    'reviews.snowflake_governance': String(dag.snowflakeGovernance),
  };
}
