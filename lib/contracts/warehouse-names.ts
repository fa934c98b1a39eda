/** Schemas of the database, by layer. */
export const SCHEMAS = { raw: 'RAW', staging: 'STAGING', core: 'CORE', presentation: 'PRESENTATION' } as const;

/** Schemas of an environment with governance: its rules, and the model that shows texts. */
export const GOVERNED_SCHEMAS = { governance: 'GOVERNANCE', detail: 'DETAIL' } as const;

/**
 * Tags, whose values are the classes of the contracts. Only the second carries masking policies: on the virtual columns of an external
 * table those would need one on VALUE, too ("Understanding Column-level Security", Snowflake user guide).
 */
export const TAGS = { plain: 'PERSONAL_DATA', masked: 'MASKED_PERSONAL_DATA' } as const;

/** Value of the masked tag that columns inherit from their schema until dbt has classified them. */
export const UNCLASSIFIED = 'unclassified';

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
  /** Reads DETAIL, texts in clear: for whoever must read what people have written. */
  readonly detailReader: string;
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
    detailReader: `${database}_DETAIL_READER`,
    warehouse: `${database}_WH`,
    dbtUser: `${database}_DBT`,
  };
}
