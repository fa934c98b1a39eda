import { ConfigurationError } from '../lib/config/configuration-error';
import { OperatorError } from './operator-error';

/** Exit statuses of every command, as --help says them. */
export const EXIT = {
  /** Done, and all is in order. */
  DONE: 0,
  /** Done, and something needs attention. */
  FOUND: 1,
  /** Not done: the command line is wrong, or AWS refused or failed. */
  NOT_DONE: 2,
} as const;

const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
]);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'Forbidden',
  'KMSAccessDeniedException',
]);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'SlowDown',
]);
const ABSENT = new Set([
  'NoSuchBucket',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'StateMachineDoesNotExist',
  'ExecutionDoesNotExist',
]);
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'ECONNRESET', 'EAI_AGAIN', 'TimeoutError']);

/** The parts of a refusal's message: the action, and the role that lacks the permission. */
function denied(message: string): string {
  const { action } = /not authorized to perform:? (?<action>[\w-]+:\w+)/.exec(message)?.groups ?? {};
  return action
    ? `You may not do this: AWS refuses the action ${action}.`
    : 'You may not do this: AWS refuses the access.';
}

/**
 * A failure as the operator reads it: one sentence, and the next step in a second one. No stack trace, and nothing of a request's content.
 */
export function failureText(error: unknown): string {
  if (error instanceof OperatorError || error instanceof ConfigurationError) return error.message;
  if (!(error instanceof Error)) return String(error);
  // Where an address has several, Node reports one failure for each.
  if (error instanceof AggregateError && error.errors.length > 0) return failureText(error.errors[0]);
  const { name, message } = error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (EXPIRED.has(name))
    return 'Your login to AWS has expired.\nLog in again (aws sso login), then repeat the command.';
  if (CREDENTIALS.has(name)) {
    return 'AWS does not accept your credentials, or there are none.\nLog in first (aws sso login, or AWS_PROFILE); "aws sts get-caller-identity" shows who you are.';
  }
  if (DENIED.has(name)) {
    return `${denied(message)}\nAsk for the policy that "npm run reviews -- policy" prints, or use a role that has it.`;
  }
  if (THROTTLED.has(name)) {
    return 'AWS asks for a pause: too many calls at once.\nNothing is lost; repeat the command in a minute.';
  }
  if (ABSENT.has(name)) {
    return `AWS no longer has a part of the environment (${name}).\nSee with "npx cdk diff --all" what is missing, and deploy it.`;
  }
  if (UNREACHABLE.has(code) || UNREACHABLE.has(name)) {
    return `AWS cannot be reached (${code || name}).\nCheck the network and the region; with the local environment: is the run still kept up?`;
  }
  return message;
}

/** The same failure in one line. */
export const failureLine = (error: unknown): string => failureText(error).replaceAll('\n', ' ');
