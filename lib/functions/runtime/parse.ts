import type * as z from 'zod';
import { valueAt } from '../../contracts/value-at';
import { InvalidInputError } from './function-errors';

const MAX_VALUE_LENGTH_SHOWN = 200;

/** A path as one would write it in code: `events[3].detail.object.key`. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '') || '(top)';
}

function valueText(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_VALUE_LENGTH_SHOWN ? `${text.slice(0, MAX_VALUE_LENGTH_SHOWN)}…` : text;
}

/**
 * Checks `value` against `schema`.
 *
 * @param what names the value in the error: "the execution's input"
 * @throws InvalidInputError with the path, the value found there and what was expected, for every violation
 */
export function parseOrThrow<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) {
    return result.data;
  }
  const violations = result.error.issues.map(
    (issue) => `${pathText(issue.path)} is ${valueText(valueAt(value, issue.path))}: ${issue.message}`,
  );
  throw new InvalidInputError(`Malformed ${what}: ${violations.join('; ')}`);
}

/** As `parseOrThrow`, from JSON text. */
export function parseJsonOrThrow<T extends z.ZodType>(schema: T, text: string, what: string): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidInputError(`Malformed ${what}: not JSON (${(error as Error).message})`);
  }
  return parseOrThrow(schema, value, what);
}
