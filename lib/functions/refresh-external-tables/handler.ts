import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { TABLE_NAMES } from '../../contracts/tables';
import { type WarehouseNames, warehouseNames } from '../../contracts/warehouse-names';
import { requiredEnvironment } from '../runtime/environment';
import { logger } from '../runtime/logging';
import { parseOrThrow } from '../runtime/parse';
import { connect } from '../snowflake/connection';
import { readCredentials } from '../snowflake/credentials';
import type { Connect } from '../snowflake/driver';
import { Progress } from '../snowflake/progress';
import { Session } from '../snowflake/session';
import { pipeStatus, refreshExternalTable } from '../snowflake/sql/external-table';

/** Days, today included (UTC), whose files are looked for where the call does not say: a batch's execution takes hours at most. */
const DAYS = 3;
const DAY_MILLISECONDS = 86_400_000;
/** Files that the error names. */
const MAX_FILES_NAMED = 5;
/** What is kept of the function's time for the end of the session (milliseconds). */
const GOODBYE_MILLISECONDS = 5_000;

/** What the function may be called with; the schedule's own event says nothing. */
export const refreshInputSchema = z.looseObject({
  /** Days back from today, this one included (UTC). */
  days: z.int().min(1).max(3_650).default(DAYS),
  /** Days of ingestion (UTC) to look at in place of the last ones, such as `2026-11-26`. */
  dates: z.array(z.iso.date()).min(1).optional(),
});

/** What was put right: files by what happened to them. */
export interface RefreshOutput {
  readonly registered: number;
  readonly unregistered: number;
}

/** The states that the documentation names: "ALTER EXTERNAL TABLE", Snowflake SQL reference. */
const changeSchema = z.object({ file: z.string().nullish(), status: z.string().nullish() });
const pipeSchema = z.object({
  executionState: z.string(),
  pendingFileCount: z.number().optional(),
});

type Change = z.output<typeof changeSchema> & { readonly table: string };

/** A published file that Snowflake cannot read, or a table that no notification reaches. It ends the call, by which the alarm is raised. */
export class ExternalTableError extends Error {
  override readonly name = 'ExternalTableError';
}

/**
 * Looks, as the owner of the external tables, for files of the last days that no notification has announced, and whether the tables
 * still listen. A lost notification costs its batch an hour, not a build.
 *
 * Environment: `SNOWFLAKE_SECRET`, name of the secret with the login; `WAREHOUSE_DATABASE`.
 *
 * @throws ExternalTableError where a file cannot be registered or a table does not listen
 */
export function handler(event: unknown, context: Context): Promise<RefreshOutput> {
  return refresh(event, context, async (timeoutMilliseconds) =>
    connect(await readCredentials(requiredEnvironment('SNOWFLAKE_SECRET')), timeoutMilliseconds),
  );
}

/** As `handler`, with the login to use and the time that it is (ms since 1970). */
export async function refresh(
  event: unknown,
  context: Context,
  login: Connect,
  now = Date.now(),
): Promise<RefreshOutput> {
  logger.addContext(context);
  const { days, dates } = parseOrThrow(refreshInputSchema, event, 'event of refresh-external-tables');
  const names = warehouseNames(requiredEnvironment('WAREHOUSE_DATABASE'));
  const progress = new Progress(() => context.getRemainingTimeInMillis() - GOODBYE_MILLISECONDS);
  const driver = await login(progress.remainingMilliseconds());
  try {
    const session = await Session.begin(driver, progress);
    const changes = await refreshDays(session, names, dates ?? lastDays(days, now));
    const silent = await silentTables(session, names);
    return verdict(changes, silent);
  } catch (error) {
    logger.error('External tables could not be refreshed', error as Error);
    throw error;
  } finally {
    await driver.close();
  }
}

/** The last days (UTC), newest first: what is missing of them is missed first. */
function lastDays(days: number, now: number): string[] {
  return Array.from({ length: days }, (_, back) => new Date(now - back * DAY_MILLISECONDS).toISOString().slice(0, 10));
}

async function refreshDays(session: Session, names: WarehouseNames, days: readonly string[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const day of days) {
    for (const table of TABLE_NAMES) {
      const asked = refreshExternalTable(names, table.toUpperCase(), `ingest_date=${day}/`);
      for (const change of await session.query(changeSchema, asked)) changes.push({ ...change, table });
    }
  }
  return changes;
}

/** Tables whose refresh by notifications does not run, with its state. */
async function silentTables(session: Session, names: WarehouseNames): Promise<string[]> {
  const silent: string[] = [];
  for (const table of TABLE_NAMES) {
    const [row] = await session.query(z.object({ status: z.string() }), pipeStatus(names, table.toUpperCase()));
    const pipe = pipeSchema.parse(JSON.parse(row?.status ?? '{}'));
    logger.info('State of an external table', { table, ...pipe });
    if (pipe.executionState !== 'RUNNING') silent.push(`${table} ${pipe.executionState}`);
  }
  return silent;
}

function verdict(changes: readonly Change[], silent: readonly string[]): RefreshOutput {
  const having = (state: string) => changes.filter(({ status }) => status?.startsWith(state));
  const output = { registered: having('REGISTERED').length, unregistered: having('UNREGISTERED').length };
  logger.info('External tables refreshed', { ...output });
  const failed = [...having('REGISTER_FAILED'), ...having('UNREGISTER_FAILED')];
  if (failed.length + silent.length > 0) {
    const files = failed.slice(0, MAX_FILES_NAMED).map(({ table, file }) => `${table}: ${file}`);
    throw new ExternalTableError(
      [
        ...(failed.length > 0
          ? [`Snowflake cannot register ${failed.length} files, the first: ${files.join(', ')}.`]
          : []),
        ...(silent.length > 0 ? [`Tables that no notification reaches: ${silent.join(', ')}.`] : []),
        'Next: docs/runbook.md, "A batch is LATE".',
      ].join(' '),
    );
  }
  return output;
}
