import type { Connection, SnowflakeError } from 'snowflake-sdk';
import type { Credentials } from './credentials';
import type { Address, Driver, DriverError, Row } from './driver';
import { loginFailure } from './snowflake-errors';

/**
 * Longest login (milliseconds), all tries together. The driver's own limit cannot be set below 300 s ("retryTimeout", Node.js driver
 * options), longer than anyone wants to wait for a misspelt account.
 */
const LOGIN_MILLISECONDS = 45_000;

/** Longest wait for one answer to a login (milliseconds), and how often it is tried again. */
const LOGIN_TRY_MILLISECONDS = 15_000;
const LOGIN_RETRIES = 2;

/** How long closing a session may take (milliseconds). A session that is not closed expires. */
const GOODBYE_MILLISECONDS = 3_000;

/**
 * Logs in with the key pair.
 *
 * @throws LoginError that names account and user
 */
export async function connect(credentials: Credentials, timeoutMilliseconds: number): Promise<Driver> {
  // Loaded here, because loading it takes longer than anything else and not every request needs it.
  const { default: snowflake } = await import('snowflake-sdk');
  // A file is what the driver logs to by default; in Lambda there is none.
  snowflake.configure({ logLevel: 'OFF', logFilePath: 'STDOUT', additionalLogToConsole: false });
  const { account, user, privateKey, role, accessUrl } = credentials;
  try {
    const connection = snowflake.createConnection({
      account,
      username: user,
      authenticator: 'SNOWFLAKE_JWT',
      privateKey,
      application: 'review-pipeline',
      timeout: LOGIN_TRY_MILLISECONDS,
      sfRetryMaxLoginRetries: LOGIN_RETRIES,
      ...(role && { role }),
      ...(accessUrl && { accessUrl }),
    });
    await within(Math.min(LOGIN_MILLISECONDS, timeoutMilliseconds), 'no answer', (done) =>
      connection.connect((error) => done(error)),
    );
    return new SnowflakeDriver(connection, { account, ...(accessUrl && { accessUrl }) });
  } catch (error) {
    throw loginFailure(credentials, error);
  }
}

/** Snowflake's driver behind the few calls that are made of it. */
class SnowflakeDriver implements Driver {
  constructor(
    private readonly connection: Connection,
    readonly address: Address,
  ) {}

  execute(text: string, timeoutMilliseconds: number): Promise<readonly Row[]> {
    let cancel = () => {};
    return within<readonly Row[]>(timeoutMilliseconds, 'cancelled because its time was up', (done) => {
      const running = this.connection.execute({
        sqlText: text,
        complete: (error, _statement, rows) => done(error, rows ?? []),
      });
      cancel = () => running.cancel(() => {});
    }).catch((error: unknown) => {
      if (error instanceof TimeoutError) cancel();
      throw error;
    });
  }

  async close(): Promise<void> {
    await within(GOODBYE_MILLISECONDS, 'no answer', (done) => this.connection.destroy((error) => done(error))).catch(
      () => {},
    );
  }
}

/** Nothing came back in time. */
class TimeoutError extends Error implements DriverError {
  override readonly name = 'TimeoutError';
}

/** A call with a callback as a promise that ends in time. */
function within<T = void>(
  milliseconds: number,
  otherwise: string,
  call: (done: (error: SnowflakeError | undefined, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new TimeoutError(`${otherwise} after ${Math.round(milliseconds / 1000)} s`)),
      milliseconds,
    );
    call((error, value) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(value as T);
    });
  });
}
