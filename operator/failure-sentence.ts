import { OperatorError } from './operator-error';

/** Errors by their name, or by the code that Node gives them: what happened and what to do. */
const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The deployment does not answer any more. Start it again, or ask for another one.',
  AccessDeniedException: 'Your AWS role may not read this. Ask for the permissions of an operator.',
  AccessDenied: 'Your AWS role may not read this. Ask for the permissions of an operator.',
  ExpiredTokenException: 'Your AWS login has expired. Log in again: aws sso login.',
  ExpiredToken: 'Your AWS login has expired. Log in again: aws sso login.',
  ThrottlingException: 'AWS refuses more requests at the moment. Wait a minute.',
};

const codeOf = (error: unknown): string | undefined => (error as { code?: string } | undefined)?.code;

/** An error as one sentence with the next step, without a stack trace. */
export function failureSentence(error: Error): string {
  if (error instanceof OperatorError) return error.message.replace('\n', ' ');
  const inner = error instanceof AggregateError ? error.errors[0] : undefined;
  const known = [codeOf(error), codeOf(inner), error.name].map((name) => name && SENTENCES[name]).find(Boolean);
  return known ?? error.message;
}
