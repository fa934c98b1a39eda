import type { DriverError } from './driver';
import { LoginError, ProvisioningError } from './provisioning-errors';
import type { Statement } from './sql/statement';

/** Longest message of Snowflake's that is passed on (characters): CloudFormation cuts the reason of an event at about 1,000. */
const MAX_MESSAGE_LENGTH = 500;

/** A literal that is shorter than this reveals nothing, and replacing it would break words of the message. */
const MIN_HIDDEN_LENGTH = 3;

/** Snowflake refused a statement. */
export class SnowflakeRefusal extends ProvisioningError {
  constructor(
    message: string,
    /** Snowflake's error code, six digits. */
    readonly code: string,
  ) {
    super(message);
  }
}

/** What to do about the errors that a deployment meets. Codes as Snowflake's own messages carry them. */
const ADVICE: Readonly<Record<string, string>> = {
  '000002':
    "Tags and masking policies need Snowflake's Enterprise edition: upgrade the account, or set warehouse.governance to false in environments/.",
  '002003': 'It does not exist, or the role of the secret has no privilege on it.',
  '002043': 'It does not exist, or the role of the secret has no privilege on it.',
  '003001': 'Give the role of the secret that privilege; lib/warehouse/README.md lists those that are needed.',
  '390144': "Set the user's RSA_PUBLIC_KEY to the public half of the secret's privateKey.",
  '390100': 'Check user and account of the secret.',
  '390189': 'Grant that role to the user, or name another in the secret.',
};

/** A failed statement as one sentence: its kind, its object, Snowflake's code and message. */
export function refusal({ kind, object, sql }: Statement, error: unknown): SnowflakeRefusal {
  const { code, text } = described(error, sql.literals);
  return new SnowflakeRefusal(sentence(`Snowflake refused ${kind} ${object}`, code, text), code);
}

/** A failed login as one sentence. */
export function loginFailure({ account, user }: { account: string; user: string }, error: unknown): LoginError {
  const { code, text } = described(error, []);
  return new LoginError(sentence(`Login to Snowflake account ${account} as ${user} failed`, code, text));
}

function sentence(what: string, code: string, text: string): string {
  const advice = ADVICE[code];
  return `${what}: ${code ? `${code} ` : ''}${text}${advice ? ` ${advice}` : ''}`;
}

function described(error: unknown, literals: readonly string[]): { code: string; text: string } {
  const { code, message } = error as DriverError;
  // Some messages begin with the code and the SQL state; the code is said already.
  const line = (message ?? String(error))
    .replace(/\s+/g, ' ')
    .replace(/^ ?\d{6} \(\w{5}\): /, '')
    .trim();
  return { code: codeText(code), text: ended(withoutLiterals(line, literals)) };
}

/** Snowflake's codes have six digits; its driver hands some over as numbers. */
function codeText(code: string | number | undefined): string {
  return code === undefined ? '' : String(code).padStart(6, '0');
}

function ended(line: string): string {
  const cut = line.length > MAX_MESSAGE_LENGTH ? `${line.slice(0, MAX_MESSAGE_LENGTH)}…` : line;
  return /[.!…]$/.test(cut) ? cut : `${cut}.`;
}

/** Snowflake quotes from the statement; what was a literal in it is not for the events of a stack. */
function withoutLiterals(text: string, literals: readonly string[]): string {
  return literals
    .map((literal) => literal.replace(/\s+/g, ' ').trim())
    .filter((literal) => literal.length >= MIN_HIDDEN_LENGTH)
    .sort((one, other) => other.length - one.length)
    .reduce((hidden, literal) => hidden.replaceAll(literal, '…'), text);
}

/** Whether Snowflake may not read the bucket, which with a role that is a few seconds old may yet pass. */
export function isAccessNotYetGranted(error: unknown): boolean {
  return error instanceof SnowflakeRefusal && /assuming AWS_ROLE|sts:AssumeRole|access denied/i.test(error.message);
}
