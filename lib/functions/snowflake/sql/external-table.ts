import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { DatabaseProperties } from '../../../contracts/provisioning-properties';
import type { Column } from '../../../contracts/tables';
import { FILE_FORMAT, SCHEMAS, STAGE, type WarehouseNames } from '../../../contracts/warehouse-names';
import { markWithDefinition } from './ownership';
import { identifier, literal, type Sql, sql, wholeNumber } from './quoting';
import { type ObjectName, type Statement, statement } from './statement';

/** An external table as the resource's properties state it. */
export type ExternalTable = DatabaseProperties['Tables'][number];

/** What the definition of an external table rests on besides its columns. */
export interface ExternalTableContext {
  readonly names: WarehouseNames;
  readonly owner: string;
  /** Where the stage points. */
  readonly location: string;
  /** Whether a new table lists its files at once. */
  readonly listFiles: boolean;
}

/**
 * Only files that a job has committed: below the two folders of a partition and nowhere deeper, where a job keeps what it has not
 * finished (`_temporary`). It begins so that it matches whether Snowflake compares the whole path or only what follows the stage's.
 */
const COMMITTED_FILES = '.*ingest_date=[^/]+/batch_id=[^/]+/part-[^/]*[.]parquet';

/** Full name of an external table. */
export function externalTableName({ database }: WarehouseNames, table: string): ObjectName {
  return [database, SCHEMAS.raw, table];
}

/**
 * Comment that an external table carries: where it differs, the table is replaced. It says nothing of the columns that are read from
 * files: those are altered.
 */
export function definitionMark(table: ExternalTable, context: ExternalTableContext): string {
  const { text } = definition({ ...table, Columns: [] }, context);
  const hash = createHash('sha256').update(context.location).update('\0').update(text).digest('hex');
  return markWithDefinition(context.owner, hash.slice(0, 16));
}

/** Makes an external table; fails if anything of that name is there. */
export function createExternalTable(table: ExternalTable, context: ExternalTableContext): Statement {
  return creation(table, context, sql`CREATE EXTERNAL TABLE`);
}

/**
 * Puts another definition in the place of an external table, which holds nothing but the list of its files. Its notification channel
 * belongs to the bucket and stays; those who may read it still may.
 */
export function replaceExternalTable(table: ExternalTable, context: ExternalTableContext): Statement {
  return creation(table, context, sql`CREATE OR REPLACE EXTERNAL TABLE`, sql` COPY GRANTS`);
}

/** A row of the answer to `describeExternalTable`. */
export const describedColumn = z.object({ name: z.string(), type: z.string() });

/** The columns that an external table has. */
export function describeExternalTable(names: WarehouseNames, table: string): Statement {
  const name = externalTableName(names, table);
  return statement('DESC EXTERNAL TABLE', name, sql`DESC EXTERNAL TABLE ${identifier(...name)}`, {
    role: names.loader,
  });
}

/**
 * Brings the columns of a table from those that are there to those that are wanted; the list of its files stays. These are statements on
 * a table, not on an external table ("ALTER TABLE", extTableColumnAction, Snowflake SQL reference).
 */
export function* alterColumns(
  names: WarehouseNames,
  table: ExternalTable,
  present: readonly z.output<typeof describedColumn>[],
): Generator<Statement> {
  const left = new Map(present.map(({ name, type }) => [name, withoutDefaultSize(type)]));
  for (const name of ['VALUE', 'INGEST_DATE', 'BATCH_ID']) left.delete(name);
  const missing = table.Columns.filter(({ Name, Type }) => {
    const isThere = left.get(Name.toUpperCase()) === snowflakeType(Type).text;
    return !(isThere && left.delete(Name.toUpperCase()));
  });
  const name = externalTableName(names, table.Name);
  const change = (what: 'ADD' | 'DROP', column: Sql) =>
    statement(
      `ALTER TABLE ${what} COLUMN`,
      name,
      sql`ALTER TABLE ${identifier(...name)} ${what === 'ADD' ? sql`ADD` : sql`DROP`} COLUMN ${column}`,
      { role: names.loader },
    );
  for (const unwanted of left.keys()) yield change('DROP', identifier(unwanted));
  for (const { Name, Type } of missing) yield change('ADD', fileColumn(Name, Type));
}

/** Drops an external table; the files stay. */
export function dropExternalTable(names: WarehouseNames, table: string): Statement {
  const name = externalTableName(names, table);
  return statement('DROP EXTERNAL TABLE', name, sql`DROP EXTERNAL TABLE IF EXISTS ${identifier(...name)}`, {
    role: names.loader,
  });
}

/** Looks for files that no notification announced: all of the table's, or those below a folder of it. */
export function refreshExternalTable(names: WarehouseNames, table: string, below?: string): Statement {
  const name = externalTableName(names, table);
  const path = below === undefined ? sql`` : sql` ${literal(below)}`;
  return statement(
    'ALTER EXTERNAL TABLE REFRESH',
    name,
    sql`ALTER EXTERNAL TABLE ${identifier(...name)} REFRESH${path}`,
    { role: names.loader, readsBucket: true },
  );
}

/**
 * Whether the table is refreshed by notifications: JSON in the column `status`. Only its owner is told
 * ("SYSTEM$EXTERNAL_TABLE_PIPE_STATUS", Snowflake SQL reference).
 */
export function pipeStatus(names: WarehouseNames, table: string): Statement {
  const name = externalTableName(names, table);
  const asked = literal(identifier(...name).text);
  return statement(
    'SELECT SYSTEM$EXTERNAL_TABLE_PIPE_STATUS',
    name,
    sql`SELECT SYSTEM$EXTERNAL_TABLE_PIPE_STATUS(${asked}) AS "status"`,
    { role: names.loader },
  );
}

/** The external tables that are there. */
export function showExternalTables(names: WarehouseNames): Statement {
  const schema = [names.database, SCHEMAS.raw];
  return statement('SHOW EXTERNAL TABLES', schema, sql`SHOW EXTERNAL TABLES IN SCHEMA ${identifier(...schema)}`, {
    role: names.loader,
  });
}

function creation(table: ExternalTable, context: ExternalTableContext, create: Sql, grants = sql``): Statement {
  const name = externalTableName(context.names, table.Name);
  const comment = literal(definitionMark(table, context));
  // For more than a million files Snowflake advises to refresh by subpaths instead ("CREATE EXTERNAL TABLE", REFRESH_ON_CREATE).
  const listing = context.listFiles ? sql`` : sql` REFRESH_ON_CREATE = FALSE`;
  return statement(
    create.text,
    name,
    sql`${create} ${identifier(...name)} ${definition(table, context)}${listing}${grants} COMMENT = ${comment}`,
    { role: context.names.loader, readsBucket: true },
  );
}

function definition(table: ExternalTable, { names }: ExternalTableContext): Sql {
  const stage = [names.database, SCHEMAS.raw, STAGE];
  const format = literal(identifier(names.database, SCHEMAS.raw, FILE_FORMAT).text);
  const columns = [
    ...table.Columns.map(({ Name, Type }) => fileColumn(Name, Type)),
    sql`"INGEST_DATE" DATE AS (TO_DATE(${folder('ingest_date')}, 'YYYY-MM-DD'))`,
    sql`"BATCH_ID" VARCHAR AS (${folder('batch_id')})`,
  ];
  return sql`(${columns}) PARTITION BY ("INGEST_DATE", "BATCH_ID") LOCATION = @${identifier(...stage)}/${pathPart(table.Folder)}/ AUTO_REFRESH = TRUE PATTERN = ${literal(COMMITTED_FILES)} FILE_FORMAT = (FORMAT_NAME = ${format})`;
}

/** A column that is read from the file: its name in capitals, in the file as the contract has it. */
function fileColumn(name: string, type: Column['type']): Sql {
  return sql`${identifier(name.toUpperCase())} ${snowflakeType(type)} AS (VALUE:${identifier(name)}::${snowflakeType(type)})`;
}

/** Value of a folder `<name>=<value>` of a file's path; SPLIT_PART is among the functions that a partition may be computed with. */
function folder(name: 'ingest_date' | 'batch_id'): Sql {
  return sql`SPLIT_PART(SPLIT_PART(METADATA$FILENAME, ${literal(`${name}=`)}, 2), '/', 1)`;
}

/** Part of a path on a stage, which cannot be quoted. */
function pathPart(part: string): Sql {
  if (!/^\w+$/.test(part)) throw new RangeError(`No folder of the stage: ${JSON.stringify(part)}.`);
  return { text: part, literals: [] };
}

/** Type of a column in Snowflake. Timestamps are UTC without saying so. */
function snowflakeType(type: Column['type']): Sql {
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(type);
  if (decimal) return sql`NUMBER(${wholeNumber(Number(decimal[1]))},${wholeNumber(Number(decimal[2]))})`;
  return TYPES[type as keyof typeof TYPES];
}

/** A type as the definition has it: Snowflake describes texts and times with the size or precision that they have by default. */
function withoutDefaultSize(described: string): string {
  return described.replace(/^(VARCHAR|TIMESTAMP_NTZ)\(\d+\)$/, '$1');
}

const TYPES = {
  string: sql`VARCHAR`,
  boolean: sql`BOOLEAN`,
  integer: sql`NUMBER(38,0)`,
  long: sql`NUMBER(38,0)`,
  double: sql`FLOAT`,
  date: sql`DATE`,
  timestamp: sql`TIMESTAMP_NTZ`,
  'array<string>': sql`ARRAY`,
} as const satisfies Record<Exclude<Column['type'], `decimal(${string}`>, Sql>;
