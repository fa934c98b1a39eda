import * as z from 'zod';
import type { DatabaseProperties } from '../../../contracts/provisioning-properties';
import { SCHEMAS, type WarehouseNames, warehouseNames } from '../../../contracts/warehouse-names';
import type { Session } from '../../snowflake/session';
import { alterWarehouse, warehouseOptions } from '../../snowflake/sql/compute';
import type { ExternalTableContext } from '../../snowflake/sql/external-table';
import {
  createSchema,
  databaseGrants,
  giveRole,
  giveSchema,
  integrationGrant,
  readingGrants,
  schemaOwners,
  warehouseGrants,
} from '../../snowflake/sql/grants';
import { discard, ensure, isOwned } from '../../snowflake/sql/ownership';
import { identifier, sql } from '../../snowflake/sql/quoting';
import { dropFileFormatAndStage, fileFormatAndStage } from '../../snowflake/sql/raw-schema';
import { statement } from '../../snowflake/sql/statement';
import { provideDbtUser } from './dbt-user';
import { provideExternalTables, withdrawExternalTables } from './external-tables';
import { provideGovernance } from './governance';

const schemaRow = z.object({ name: z.string(), owner: z.string().nullish() });

/**
 * Makes everything in Snowflake but the storage integration, or brings it to what the properties say. Every step leaves alone what is
 * there already, so that an interrupted run is repeated from its beginning.
 *
 * @returns ARN of the queue that the bucket has to notify of new files
 */
export async function provideDatabase(session: Session, properties: DatabaseProperties): Promise<string> {
  const names = warehouseNames(properties.Database);
  const { Owner: owner } = properties;
  await provideRoles(session, names, owner);
  await ensure(session, 'DATABASE', names.database, owner);
  await session.runAll(databaseGrants(names));
  await provideSchemas(session, names, owner);

  await session.run(integrationGrant(names, properties.Integration));
  const { Integration: integration, Location: location } = properties;
  await session.runAll(fileFormatAndStage({ names, owner, integration, location }));
  const channel = await provideExternalTables(session, properties.Tables, contextOf(names, properties));
  await session.runAll(readingGrants(names));

  await provideWarehouse(session, names, properties);
  await provideGovernance(session, names, properties);
  await provideDbtUser(session, names, properties);
  return channel;
}

/**
 * Drops what holds no data: external tables, stage, file format and dbt's user. Database, roles and warehouse, with which people
 * read what dbt has made, go only if data may go.
 */
export async function withdrawDatabase(session: Session, properties: DatabaseProperties): Promise<void> {
  const names = warehouseNames(properties.Database);
  const { Owner: owner } = properties;
  await discard(session, 'USER', names.dbtUser, owner);
  if (properties.DropData === 'true') {
    await discard(session, 'DATABASE', names.database, owner);
    await discard(session, 'WAREHOUSE', names.warehouse, owner);
    for (const role of [names.loader, names.transformer, names.reporter, names.detailReader]) {
      await discard(session, 'ROLE', role, owner);
    }
  } else if (await hasRawSchema(session, names, owner)) {
    await withdrawExternalTables(session, contextOf(names, properties));
    await session.runAll(dropFileFormatAndStage(names));
  }
}

function contextOf(names: WarehouseNames, { Owner, Location, ListFiles }: DatabaseProperties): ExternalTableContext {
  return { names, owner: Owner, location: Location, listFiles: ListFiles === 'true' };
}

async function provideRoles(session: Session, names: WarehouseNames, owner: string): Promise<void> {
  for (const role of [names.loader, names.transformer, names.reporter]) {
    await ensure(session, 'ROLE', role, owner);
  }
  // Not the reporter's role: the role that makes objects does not need to act as their readers.
  for (const role of [names.loader, names.transformer]) await session.run(giveRole(role, session.ownRole));
}

async function provideSchemas(session: Session, names: WarehouseNames, owner: string): Promise<void> {
  const owners = schemaOwners(names);
  for (const schema of Object.values(SCHEMAS)) await session.run(createSchema(names, schema, owner));
  const present = await showSchemas(session, names);
  for (const [schema, role] of Object.entries(owners)) {
    if (present.get(schema) !== role) await session.run(giveSchema(names, schema, role));
  }
}

/** Owner of each schema. */
async function showSchemas(session: Session, { database }: WarehouseNames): Promise<Map<string, string>> {
  const rows = await session.query(
    schemaRow,
    statement('SHOW SCHEMAS', [database], sql`SHOW SCHEMAS IN DATABASE ${identifier(database)}`),
  );
  return new Map(rows.map(({ name, owner }) => [name, owner ?? '']));
}

/** Whether creation came as far as the loader's schema. */
async function hasRawSchema(session: Session, names: WarehouseNames, owner: string): Promise<boolean> {
  if (!(await isOwned(session, 'DATABASE', names.database, owner))) return false;
  return (await showSchemas(session, names)).get(SCHEMAS.raw) === names.loader;
}

async function provideWarehouse(
  session: Session,
  names: WarehouseNames,
  { Owner, Warehouse }: DatabaseProperties,
): Promise<void> {
  if (!Warehouse) return discard(session, 'WAREHOUSE', names.warehouse, Owner);
  const definition = { size: Warehouse.Size, autoSuspendSeconds: Number(Warehouse.AutoSuspendSeconds) };
  const options = sql`WITH ${warehouseOptions(definition)} INITIALLY_SUSPENDED = TRUE`;
  await ensure(session, 'WAREHOUSE', names.warehouse, Owner, options);
  await session.run(alterWarehouse(names, definition));
  await session.runAll(warehouseGrants(names));
}
