import { FILE_FORMAT, SCHEMAS, STAGE, type WarehouseNames } from '../../../contracts/warehouse-names';
import { mark } from './ownership';
import { identifier, literal, sql } from './quoting';
import { type Statement, statement } from './statement';

/** What the stage is made of. */
export interface StageDefinition {
  readonly names: WarehouseNames;
  readonly owner: string;
  readonly integration: string;
  readonly location: string;
}

/**
 * File format and stage, made if they are not there and set to their definition if they are; never replaced, which would part them
 * from the external tables that name them. Setting the stage's integration again also repairs a stage whose integration was dropped.
 */
export function* fileFormatAndStage(definition: StageDefinition): Generator<Statement> {
  const { names, integration, location } = definition;
  const asLoader = { role: names.loader };
  const comment = literal(mark(definition.owner));

  const format = [names.database, SCHEMAS.raw, FILE_FORMAT];
  // By default Snowflake does not interpret Parquet's logical types ("CREATE FILE FORMAT", USE_LOGICAL_TYPE): whether a time is UTC, and its
  // unit, would be left to its guess. With them a time in UTC takes the session's clock as it becomes TIMESTAMP_NTZ, so sessions are in UTC.
  const options = sql`USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE COMMENT = ${comment}`;
  yield statement(
    'CREATE FILE FORMAT',
    format,
    sql`CREATE FILE FORMAT IF NOT EXISTS ${identifier(...format)} TYPE = PARQUET ${options}`,
    asLoader,
  );
  yield statement(
    'ALTER FILE FORMAT',
    format,
    sql`ALTER FILE FORMAT ${identifier(...format)} SET ${options}`,
    asLoader,
  );

  const stage = [names.database, SCHEMAS.raw, STAGE];
  const source = sql`URL = ${literal(location)} STORAGE_INTEGRATION = ${identifier(integration)}`;
  yield statement(
    'CREATE STAGE',
    stage,
    sql`CREATE STAGE IF NOT EXISTS ${identifier(...stage)} ${source} COMMENT = ${comment}`,
    asLoader,
  );
  yield statement('ALTER STAGE', stage, sql`ALTER STAGE ${identifier(...stage)} SET ${source}`, asLoader);
}

/** Drops stage and file format. */
export function* dropFileFormatAndStage(names: WarehouseNames): Generator<Statement> {
  const stage = [names.database, SCHEMAS.raw, STAGE];
  const format = [names.database, SCHEMAS.raw, FILE_FORMAT];
  yield statement('DROP STAGE', stage, sql`DROP STAGE IF EXISTS ${identifier(...stage)}`, { role: names.loader });
  yield statement('DROP FILE FORMAT', format, sql`DROP FILE FORMAT IF EXISTS ${identifier(...format)}`, {
    role: names.loader,
  });
}
