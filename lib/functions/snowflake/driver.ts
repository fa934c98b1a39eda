import type { Credentials } from './credentials';

/** A row as Snowflake answers it: columns by name. */
export type Row = Readonly<Record<string, unknown>>;

/** What Snowflake, or the way to it, answers instead of rows. */
export interface DriverError extends Error {
  readonly code?: string | number | undefined;
  readonly sqlState?: string | undefined;
}

/** Where Snowflake is. */
export type Address = Pick<Credentials, 'account' | 'accessUrl'>;

/** A logged-in connection: as little of Snowflake's driver as is needed. */
export interface Driver {
  /** Where it is logged in. */
  readonly address: Address;
  /**
   * Runs one statement.
   *
   * @param timeoutMilliseconds after which it is cancelled
   * @throws DriverError
   */
  execute(text: string, timeoutMilliseconds: number): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Logs in. */
export type Connect = (timeoutMilliseconds: number) => Promise<Driver>;
