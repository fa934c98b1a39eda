import { delimiter, join } from 'node:path';

/** Top of the repository. */
export const ROOT = join(import.meta.dirname, '..');

/** The one folder, ignored by git, that holds everything the project installs or writes on this machine. */
export const LOCAL = join(ROOT, '.local');

/** Python environments, one per component. */
export const ENVIRONMENTS = join(LOCAL, 'env');

/** Jars that let Spark read and write S3. */
export const SPARK_JARS = join(LOCAL, 'spark-jars');

/** Azurite, a package of npm with a lock of its own. */
export const AZURITE = join(LOCAL, 'azurite');

/** Jars of the local broker of Kafka. */
export const KAFKA_JARS = join(LOCAL, 'kafka-jars');

/** The package that MariaDB comes in. */
export const MARIADB_JARS = join(LOCAL, 'mariadb-jars');

/** The server that speaks MongoDB's protocol. */
export const FERRETDB = join(LOCAL, 'ferretdb', 'ferretdb');

/** Jars of the local Cassandra. */
export const CASSANDRA_JARS = join(LOCAL, 'cassandra-jars');

/** Jars by which Spark reads Kafka. */
export const STREAM_JARS = join(LOCAL, 'stream-jars');

/** Database of an Airflow that has run nothing yet: runs start from a copy, because making it takes seconds. */
export const AIRFLOW_DATABASE = join(LOCAL, 'airflow', 'airflow.db');

/** Synthesised assemblies, by the hash of their sources. */
export const ASSEMBLIES = join(LOCAL, 'assembly');

/** State of the one-machine edition's runs, one folder per run. */
export const RUNS = join(LOCAL, 'runs');

export type PythonEnvironment =
  | 'glue'
  | 'aws'
  | 'snowflake'
  | 'dbt'
  | 'airflow'
  | 'connectors'
  | 'postgres'
  | 'mariadb'
  | 'mongodb'
  | 'go'
  | 'cassandra'
  | 'dms'
  | 'kafka'
  | 'gcs'
  | 'bench'
  | 'checkov'
  | 'docs'
  | 'uv';

/** Folder with the executables of a Python environment. */
export const binOf = (environment: PythonEnvironment): string => join(ENVIRONMENTS, environment, 'bin');

/** PYTHONPATH of an emulator: its own package, and what the emulators share. */
export const pythonPathOf = (
  server:
    | 'aws'
    | 'snowflake'
    | 'airflow'
    | 'sources'
    | 'postgres'
    | 'mariadb'
    | 'mongodb'
    | 'cassandra'
    | 'dms'
    | 'kafka'
    | 'azure'
    | 'gcs',
): string => [server, 'shared'].map((folder) => join(ROOT, 'local', 'emulators', folder)).join(delimiter);
