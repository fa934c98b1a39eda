import * as z from 'zod';
import type { FileReason } from '../../contracts/outcomes';
import { type Execution, executionSchema } from '../ledger/identity';
import { parseOrThrow } from '../runtime/parse';

/** What the state machine's catch hands over. */
const caughtErrorSchema = z.object({
  execution: executionSchema,
  error: z.object({ Error: z.string(), Cause: z.string().default(''), State: z.string().optional() }),
});

/** Event of Step Functions about an execution that timed out or was aborted before it could report. */
const statusChangeSchema = z.object({
  source: z.literal('aws.states'),
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({
    executionArn: z.string().startsWith('arn:'),
    status: z.enum(['TIMED_OUT', 'ABORTED', 'FAILED']),
    /** Milliseconds since 1970. */
    startDate: z.number(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

/** An execution that has failed, and how. */
export interface FailedExecution {
  readonly execution: Execution;
  readonly reason: Extract<FileReason, 'EXECUTION_FAILED' | 'EXECUTION_TIMED_OUT' | 'EXECUTION_ABORTED'>;
  /** Name of the error: `States.Timeout`, `InvalidOutcomeError`. */
  readonly error: string;
  /** Name of the state that failed, where that is known. */
  readonly state?: string;
  /** What the error says, in words; empty where it says nothing. */
  readonly message: string;
  /** Whether the execution itself can still send the alert. */
  readonly alive: boolean;
}

const REASONS = {
  TIMED_OUT: 'EXECUTION_TIMED_OUT',
  ABORTED: 'EXECUTION_ABORTED',
  FAILED: 'EXECUTION_FAILED',
} as const;

// The end of a long message is the useful one: of a Java or Python trace it is the innermost cause.
const MAX_MESSAGE_LENGTH = 500;

/**
 * What a task's cause says to a person: a Lambda's cause is JSON with `errorMessage`, that of a Glue run is the whole job run with
 * `ErrorMessage`, others are text, which Step Functions may have cut off.
 */
export function causeMessage(cause: string): string {
  const message = messageIn(cause).trim();
  return message.length > MAX_MESSAGE_LENGTH ? `…${message.slice(1 - MAX_MESSAGE_LENGTH)}` : message;
}

const causeSchema = z.union([
  z.object({ errorMessage: z.string() }).transform(({ errorMessage }) => errorMessage),
  z.object({ ErrorMessage: z.string() }).transform(({ ErrorMessage }) => ErrorMessage),
  z.object({ JobRunState: z.string() }).transform(({ JobRunState }) => `The job run ended as ${JobRunState}.`),
]);

function messageIn(cause: string): string {
  try {
    return causeSchema.safeParse(JSON.parse(cause)).data ?? cause;
  } catch {
    return cause;
  }
}

/**
 * Reads the event of record-failure: `{"execution": {"arn", "startTime"}, "error": {"Error", "Cause", "State"}}`, or an event "Step
 * Functions Execution Status Change" as it came from EventBridge.
 *
 * @throws InvalidInputError where it is neither
 */
export function failedExecutionOf(event: unknown): FailedExecution {
  if (typeof event === 'object' && event !== null && 'detail-type' in event) {
    const { detail } = parseOrThrow(statusChangeSchema, event, 'event of record-failure');
    return {
      execution: { arn: detail.executionArn, startTime: new Date(detail.startDate).toISOString() },
      reason: REASONS[detail.status],
      error: detail.error || detail.status,
      message: causeMessage(detail.cause ?? ''),
      alive: false,
    };
  }
  const { execution, error } = parseOrThrow(caughtErrorSchema, event, 'event of record-failure');
  return {
    execution,
    reason: 'EXECUTION_FAILED',
    error: error.Error,
    ...(error.State && { state: error.State }),
    message: causeMessage(error.Cause),
    alive: true,
  };
}
