import * as z from 'zod';
import type { DatabaseProperties } from '../../../contracts/provisioning-properties';
import { ProvisioningError } from '../../snowflake/provisioning-errors';
import type { Session } from '../../snowflake/session';
import {
  alterColumns,
  createExternalTable,
  definitionMark,
  describedColumn,
  describeExternalTable,
  dropExternalTable,
  type ExternalTableContext,
  externalTableName,
  refreshExternalTable,
  replaceExternalTable,
  showExternalTables,
} from '../../snowflake/sql/external-table';
import { foreign, isMarked } from '../../snowflake/sql/ownership';

const shown = z.object({
  name: z.string(),
  comment: z.string().nullish(),
  /** ARN of the queue, for a table that is refreshed by notifications. */
  notification_channel: z.string().nullish(),
});

type ShownTable = z.output<typeof shown>;

/**
 * Makes the external tables that are missing, alters columns that are others, replaces tables of which more differs (a replaced table
 * lists all of its files again), drops those of this environment that are no longer wanted, and leaves the others alone.
 *
 * @returns ARN of the queue that the bucket has to notify
 */
export async function provideExternalTables(
  session: Session,
  wanted: DatabaseProperties['Tables'],
  context: ExternalTableContext,
): Promise<string> {
  const present = await presentTables(session, context);
  for (const table of wanted) {
    const found = present.get(table.Name);
    if (!found) await session.run(createExternalTable(table, context));
    else if (!isMarked(found.comment, context.owner)) throw foreignTable(found, context);
    else if (found.comment !== definitionMark(table, context)) await session.run(replaceExternalTable(table, context));
    else {
      const columns = await session.query(describedColumn, describeExternalTable(context.names, table.Name));
      await session.runAll(alterColumns(context.names, table, columns));
    }
  }
  for (const { name, comment } of present.values()) {
    const isWanted = wanted.some(({ Name }) => Name === name);
    if (!isWanted && isMarked(comment, context.owner)) await session.run(dropExternalTable(context.names, name));
  }
  return notificationChannel(wanted, await presentTables(session, context));
}

/** Drops the external tables of this environment. */
export async function withdrawExternalTables(session: Session, context: ExternalTableContext): Promise<void> {
  for (const { name, comment } of (await presentTables(session, context)).values()) {
    if (isMarked(comment, context.owner)) await session.run(dropExternalTable(context.names, name));
  }
}

/** Has Snowflake look for files that came before the bucket told it of new ones. */
export async function refreshExternalTables(
  session: Session,
  { names }: Pick<ExternalTableContext, 'names'>,
  tables: readonly string[],
): Promise<void> {
  await session.runAll(tables.map((table) => refreshExternalTable(names, table)));
}

async function presentTables(session: Session, { names }: ExternalTableContext): Promise<Map<string, ShownTable>> {
  const rows = await session.query(shown, showExternalTables(names));
  return new Map(rows.map((row) => [row.name, row]));
}

/** Snowflake uses one queue for a bucket ("Refresh external tables automatically for Amazon S3", Snowflake user guide). */
function notificationChannel(wanted: DatabaseProperties['Tables'], present: ReadonlyMap<string, ShownTable>): string {
  const channels = new Set(wanted.map(({ Name }) => present.get(Name)?.notification_channel ?? ''));
  const [channel = ''] = channels;
  if (channels.size === 1 && channel.startsWith('arn:')) return channel;
  throw new ProvisioningError(
    `SHOW EXTERNAL TABLES names ${channels.size} notification channels (${[...channels].map((each) => each || 'none').join(', ')}); expected the ARN of one queue for all tables.`,
  );
}

function foreignTable({ name }: ShownTable, { names, owner }: ExternalTableContext): ProvisioningError {
  return foreign('External table', externalTableName(names, name), owner);
}
