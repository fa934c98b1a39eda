/** Schemas of the database, by layer. */
export const SCHEMAS = { raw: 'RAW', staging: 'STAGING', core: 'CORE', presentation: 'PRESENTATION' } as const;

/** Objects of the schema RAW besides the external tables. */
export const FILE_FORMAT = 'PARQUET';
export const STAGE = 'PUBLISHED';

/** Names of what the warehouse consists of. All come from the database's: two environments in one account need but two of those. */
export interface WarehouseNames {
  readonly database: string;
  readonly integration: string;
  /** Owns RAW: stage and external tables. */
  readonly loader: string;
  /** Reads RAW, owns the other schemas: dbt. */
  readonly transformer: string;
  /** Reads PRESENTATION: dashboards. */
  readonly reporter: string;
  readonly warehouse: string;
  readonly dbtUser: string;
}

/** Name of the secret that dbt's login is put into, where the deployment makes its key pair. */
export function dbtLoginSecretName(prefix: string): string {
  return `${prefix}/dbt-login`;
}

/** Names that belong to a database. */
export function warehouseNames(database: string): WarehouseNames {
  return {
    database,
    integration: `${database}_S3`,
    loader: `${database}_LOADER`,
    transformer: `${database}_TRANSFORMER`,
    reporter: `${database}_REPORTER`,
    warehouse: `${database}_WH`,
    dbtUser: `${database}_DBT`,
  };
}
