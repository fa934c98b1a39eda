import { FILE_FORMAT, SCHEMAS, STAGE, type WarehouseNames } from '../../../contracts/warehouse-names';
import { mark } from './ownership';
import { identifier, literal, type Sql, sql } from './quoting';
import { type ObjectName, type Statement, statement } from './statement';

/** Role that owns each schema. */
export function schemaOwners({ loader, transformer }: WarehouseNames): Readonly<Record<string, string>> {
  return {
    [SCHEMAS.raw]: loader,
    [SCHEMAS.staging]: transformer,
    [SCHEMAS.core]: transformer,
    [SCHEMAS.presentation]: transformer,
  };
}

/** Makes a schema. With managed access its owner alone grants, also on objects to come, and needs no privilege on the account for it. */
export function createSchema(names: WarehouseNames, schema: string, owner: string): Statement {
  const name = [names.database, schema];
  return statement(
    'CREATE SCHEMA',
    name,
    sql`CREATE SCHEMA IF NOT EXISTS ${identifier(...name)} WITH MANAGED ACCESS COMMENT = ${literal(mark(owner))}`,
  );
}

/** Hands a schema to the role that is to own it. */
export function giveSchema(names: WarehouseNames, schema: string, role: string): Statement {
  const name = [names.database, schema];
  return statement(
    'GRANT OWNERSHIP',
    name,
    sql`GRANT OWNERSHIP ON SCHEMA ${identifier(...name)} TO ROLE ${identifier(role)} COPY CURRENT GRANTS`,
  );
}

/** Lets the role that logs in act as another: it hands schemas over and goes on in them. */
export function giveRole(role: string, to: string): Statement {
  return statement('GRANT ROLE', [role], sql`GRANT ROLE ${identifier(role)} TO ROLE ${identifier(to)}`);
}

/** Lets every role of the environment into the database. */
export function* databaseGrants({ database, loader, transformer, reporter }: WarehouseNames): Generator<Statement> {
  for (const role of [loader, transformer, reporter]) {
    yield grant(sql`USAGE`, sql`DATABASE`, [database], role);
  }
}

/** Lets the loader use the integration for its stage. */
export function integrationGrant({ loader }: WarehouseNames, integration: string): Statement {
  return grant(sql`USAGE`, sql`INTEGRATION`, [integration], loader);
}

/** Lets roles run queries on a warehouse. */
export function* warehouseGrants({ warehouse, transformer, reporter }: WarehouseNames): Generator<Statement> {
  for (const role of [transformer, reporter]) yield grant(sql`USAGE`, sql`WAREHOUSE`, [warehouse], role);
}

/**
 * Lets the transformer read the external tables, for which a role needs stage and file format, too ("Refresh external tables
 * automatically for Amazon S3", Snowflake user guide); and the reporter read what is presented: nothing else, and nobody else.
 */
export function* readingGrants({ database, loader, transformer, reporter }: WarehouseNames): Generator<Statement> {
  const raw = [database, SCHEMAS.raw];
  yield grant(sql`USAGE`, sql`SCHEMA`, raw, transformer, loader);
  yield* readings(sql`EXTERNAL TABLES`, raw, transformer, loader);
  yield grant(sql`USAGE`, sql`STAGE`, [...raw, STAGE], transformer, loader);
  yield grant(sql`USAGE`, sql`FILE FORMAT`, [...raw, FILE_FORMAT], transformer, loader);

  const presentation = [database, SCHEMAS.presentation];
  yield grant(sql`USAGE`, sql`SCHEMA`, presentation, reporter, transformer);
  yield* readings(sql`TABLES`, presentation, reporter, transformer);
  yield* readings(sql`VIEWS`, presentation, reporter, transformer);
}

/** SELECT on all objects of a kind in a schema, those to come included. */
export function* readings(objects: Sql, schema: ObjectName, to: string, by: string): Generator<Statement> {
  for (const which of [sql`ALL`, sql`FUTURE`]) {
    yield grant(sql`SELECT`, sql`${which} ${objects} IN SCHEMA`, schema, to, by);
  }
}

export function grant(privilege: Sql, on: Sql, name: ObjectName, to: string, by?: string): Statement {
  return statement(
    `GRANT ${privilege.text} ON ${on.text}`,
    name,
    sql`GRANT ${privilege} ON ${on} ${identifier(...name)} TO ROLE ${identifier(to)}`,
    by === undefined ? {} : { role: by },
  );
}
