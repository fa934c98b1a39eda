import { describe, expect, it } from 'vitest';
import { causeMessage } from '../../../lib/functions/alerts/failed-execution';

describe('the message of a cause', () => {
  it.each([
    [
      'a function’s error',
      { errorType: 'InvalidOutcomeError', errorMessage: 'File f: 6 records', trace: [] },
      'File f: 6 records',
    ],
    ['a job run’s error', { JobRunState: 'FAILED', ErrorMessage: 'Out of memory' }, 'Out of memory'],
    ['the state of a job run without a message', { JobRunState: 'STOPPED' }, 'The job run ended as STOPPED.'],
  ])('is %s', (_, cause, message) => {
    expect(causeMessage(JSON.stringify(cause))).toBe(message);
  });

  it.each(['plain words', '{"ErrorMessage": "cut o', '{"other": 1}', ''])('is the cause itself: %j', (cause) => {
    expect(causeMessage(cause)).toBe(cause);
  });

  it('is the end of a long one', () => {
    const message = causeMessage(`${'trace '.repeat(1_000)}Caused by: disk full`);
    expect(message).toHaveLength(500);
    expect(message).toMatch(/^….*Caused by: disk full$/);
  });
});
