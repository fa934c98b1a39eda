import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Connection, RowStatement } from 'snowflake-sdk';
import { NAMES, type SnowflakeLogin } from './snowflake-account';

/** The rows of a query and the names of its columns. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** A session in the local Snowflake, as the role that dbt works in. */
export class WarehouseSession {
  private constructor(private readonly connection: Connection) {}

  static async open(accessUrl: string, login: SnowflakeLogin): Promise<WarehouseSession> {
    // Only now: reading the driver takes a second, which what needs no session does not wait for.
    const { default: snowflake } = await import('snowflake-sdk');
    snowflake.configure({ logLevel: 'OFF', logFilePath: 'STDOUT', additionalLogToConsole: false });
    const connection = snowflake.createConnection({
      account: login.account,
      username: login.user,
      authenticator: 'SNOWFLAKE_JWT',
      privateKey: readFileSync(login.privateKeyFile, 'utf8'),
      accessUrl,
      role: NAMES.transformer,
      database: NAMES.database,
      schema: 'PRESENTATION',
    });
    await promisify((done: (error: unknown) => void) => connection.connect((error) => done(error)))();
    return new WarehouseSession(connection);
  }

  /** @throws Error in Snowflake's own words */
  query(sqlText: string): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      this.connection.execute({
        sqlText,
        complete: (error, statement: RowStatement, rows = []) => {
          if (error) reject(error);
          else resolve({ columns: (statement.getColumns() ?? []).map((column) => column.getName()), rows });
        },
      });
    });
  }

  async close(): Promise<void> {
    await promisify((done: (error: unknown) => void) => this.connection.destroy((error) => done(error)))();
  }
}
