/**
 * Errors of the Lambda functions. Step Functions matches Retry and Catch by `name`, which Lambda reports as errorType: so
 * names are literals (a minifier renames classes).
 */

/** What a function was given breaks its contract; the same input fails again. Never retried. */
export class InvalidInputError extends Error {
  override readonly name = 'InvalidInputError';
}

/** The jobs' figures do not account for every record, or not for every file. Never retried. */
export class InvalidOutcomeError extends Error {
  override readonly name = 'InvalidOutcomeError';
}

/** The ledger is not in the state that this execution left it in. Never retried. */
export class LedgerConflictError extends Error {
  override readonly name = 'LedgerConflictError';
}

/** An AWS service was unavailable, throttled or too slow for longer than the SDK's own retries. To be retried. */
export class TransientServiceError extends Error {
  override readonly name = 'TransientServiceError';
}

/** What the AWS SDK tells about a failed call, as far as it is needed here. */
interface ServiceFailure {
  readonly name: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: object;
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

function asServiceFailure(error: unknown): ServiceFailure | undefined {
  return error instanceof Error && '$metadata' in error ? (error as ServiceFailure) : undefined;
}

/** HTTP status of a failed AWS call; undefined where there was no answer. */
export function httpStatus(error: unknown): number | undefined {
  return asServiceFailure(error)?.$metadata?.httpStatusCode;
}

/** A header of the answer to a failed AWS call. */
export function responseHeader(error: unknown, header: string): string | undefined {
  return asServiceFailure(error)?.$response?.headers?.[header];
}

// Codes of Node.js (system errors) and of the SDK's HTTP handler for a connection that failed.
const CONNECTION_FAILURES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENOTFOUND',
  'TimeoutError',
]);

function isTransient(error: unknown): error is Error {
  if (!(error instanceof Error)) {
    return false;
  }
  const status = httpStatus(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return (
    CONNECTION_FAILURES.has(code) ||
    status === 429 ||
    (status !== undefined && status >= 500) ||
    asServiceFailure(error)?.$retryable !== undefined ||
    /Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|SlowDown|TransactionConflict/.test(error.name)
  );
}

/** The error to end the function with: transient failures of AWS under the one name that Step Functions retries. */
export function toFunctionError(error: unknown): unknown {
  return isTransient(error) ? new TransientServiceError(`${error.name}: ${error.message}`, { cause: error }) : error;
}
