import { InvalidArgumentError } from 'commander';
import ms, { type StringValue } from 'ms';

/**
 * A point in time: so long ago (`90m`, `24h`, `7d`), or a date or time in ISO 8601 (UTC without a zone of its own).
 *
 * @throws InvalidArgumentError, which the command line shows with the option's name
 */
export function readSince(text: string): Date {
  const span = /^\d+(\.\d+)?\s*[a-z]+$/i.test(text) ? ms(text as StringValue) : undefined;
  const time =
    span === undefined
      ? new Date(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : text)
      : new Date(Date.now() - span);
  if (Number.isNaN(Number(time)) || !/^\d/.test(text)) {
    throw new InvalidArgumentError('Give a span such as 90m, 24h or 7d, or a time such as 2026-11-26T05:00.');
  }
  return time;
}
