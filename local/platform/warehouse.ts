import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Connection, RowStatement } from 'snowflake-sdk';
import type { WarehouseNames } from '../../lib/contracts/warehouse-names';
import { NAMES, type SnowflakeLogin } from './snowflake-account';

/** The rows of a query and the names of its columns. */
export interface QueryResult {
  readonly columns: readonly string[];
  /** Snowflake's type of each column, by its name: `date`, `fixed`, `variant`. */
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

export interface SessionOptions {
  readonly account: string;
  readonly user: string;
  /** Private key of the user (PEM). */
  readonly privateKey: string;
  /** Where Snowflake answers. @default - by the account */
  readonly accessUrl?: string;
  /** @default - the role that dbt works in */
  readonly role?: string;
  /** Names in the database. */
  readonly names: WarehouseNames;
}

/** A session in Snowflake. */
export class WarehouseSession {
  private constructor(private readonly connection: Connection) {}

  /** Session in the local Snowflake. */
  static open(
    accessUrl: string,
    { account, user, privateKeyFile }: SnowflakeLogin,
    role = NAMES.transformer,
  ): Promise<WarehouseSession> {
    return WarehouseSession.connect({
      account,
      user,
      privateKey: readFileSync(privateKeyFile, 'utf8'),
      accessUrl,
      role,
      names: NAMES,
    });
  }

  static async connect({
    account,
    user,
    privateKey,
    accessUrl,
    names,
    role,
  }: SessionOptions): Promise<WarehouseSession> {
    // Imported here, because loading the driver takes a second that commands without a session should not wait.
    const { default: snowflake } = await import('snowflake-sdk');
    snowflake.configure({ logLevel: 'OFF', logFilePath: 'STDOUT', additionalLogToConsole: false });
    const connection = snowflake.createConnection({
      account,
      username: user,
      authenticator: 'SNOWFLAKE_JWT',
      privateKey,
      ...(accessUrl && { accessUrl }),
      role: role ?? names.transformer,
      database: names.database,
      warehouse: names.warehouse,
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
          else {
            const columns = statement.getColumns() ?? [];
            resolve({
              columns: columns.map((column) => column.getName()),
              types: Object.fromEntries(columns.map((column) => [column.getName(), column.getType()])),
              rows,
            });
          }
        },
      });
    });
  }

  async close(): Promise<void> {
    await promisify((done: (error: unknown) => void) => this.connection.destroy((error) => done(error)))();
  }
}
