import { ExecutionAlreadyExists, SFNClient, SFNServiceException, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../lib/functions/runtime/logging';
import { handler } from '../../../lib/functions/start-batch/handler';
import { divide, type EventMessage, executionName } from '../../../lib/functions/start-batch/lists';
import { context, objectCreated } from '../../support/pipeline';

const stepFunctions = mockClient(SFNClient);

beforeEach(() => {
  logger.setLogLevel('SILENT');
  vi.stubEnv('STATE_MACHINE_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:review-intake');
  vi.stubEnv('MAXIMUM_FILE_BYTES', '1000000');
  stepFunctions.reset();
  stepFunctions.on(StartExecutionCommand).resolves({});
});

function body(key: string): string {
  return JSON.stringify(objectCreated({ key, versionId: 'v1', size: 1, etag: 'e' }), undefined, 1);
}

function messages(...bodies: string[]): SQSEvent {
  const Records = bodies.map((each, index) => ({ messageId: `message-${index}`, body: each }));
  return { Records } as SQSEvent;
}

function started() {
  return stepFunctions.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input);
}

describe('a batch of messages about new files', () => {
  it('starts one execution with all their events', async () => {
    const event = messages(body('reviews/a "quoted"\\'), body('reviews/b'));
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
    expect(started()).toHaveLength(1);
    expect(JSON.parse(started()[0]?.input ?? '')).toEqual({
      events: event.Records.map((record) => JSON.parse(record.body)),
    });
  });

  it('delivered again, in another order, makes the same request', async () => {
    const event = messages(body('reviews/a'), body('reviews/b'));
    await handler(event, context);
    await handler({ Records: event.Records.toReversed() }, context);
    expect(started()[1]).toEqual(started()[0]);
  });

  it('whose execution exists is done', async () => {
    stepFunctions.on(StartExecutionCommand).rejects(new ExecutionAlreadyExists({ message: 'exists', $metadata: {} }));
    expect(await handler(messages(body('reviews/a')), context)).toEqual({ batchItemFailures: [] });
  });

  it('returns the messages that are not events, and starts the others', async () => {
    const event = messages('not json', body('reviews/a'), '{"source": "aws.ec2"}');
    expect(await handler(event, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-2' }],
    });
    expect(JSON.parse(started()[0]?.input ?? '').events).toHaveLength(1);
  });

  it('returns only those whose execution could not be started', async () => {
    const large = Array.from({ length: 300 }, (_, index) => body(`reviews/${index}-${'x'.repeat(1_000)}`));
    stepFunctions
      .on(StartExecutionCommand)
      .rejectsOnce(
        new SFNServiceException({ name: 'ThrottlingException', message: 'slow down', $fault: 'client', $metadata: {} }),
      )
      .resolves({});
    const { batchItemFailures } = await handler(messages(...large), context);
    const [first, ...others] = started();
    expect(batchItemFailures).toHaveLength(JSON.parse(first?.input ?? '').events.length);
    expect(batchItemFailures.length + others.flatMap(({ input }) => JSON.parse(input ?? '').events).length).toBe(300);
  });

  it('without any event starts nothing', async () => {
    await handler(messages('not json'), context);
    expect(started()).toHaveLength(0);
  });
});

describe('the lists of events for executions', () => {
  const MAXIMUM_FILE_BYTES = 1_000;
  const message = (messageId: string, padding: number, size: number, key = 'reviews/a'): EventMessage => {
    const event = objectCreated({ key, versionId: 'v1', size, etag: 'e' }) as EventMessage['event'];
    return { messageId, body: JSON.stringify({ ...event, padding: 'é'.repeat(padding) }), event };
  };
  const anyMessages = fc.array(
    fc
      .record({ id: fc.uuid(), padding: fc.integer({ min: 0, max: 50_000 }), size: fc.integer({ min: 0, max: 1_200 }) })
      .map(({ id, padding, size }) => message(id, padding, size)),
    { maxLength: 20 },
  );
  const fileBytes = (list: readonly EventMessage[]) =>
    list.reduce((sum, { event }) => sum + (event.detail.object.size ?? 0), 0);

  it('hold every message once, in order, and each fits into an input and into the time to copy it', () => {
    fc.assert(
      fc.property(anyMessages, (all) => {
        const lists = divide(all, MAXIMUM_FILE_BYTES);
        expect(lists.flat()).toEqual(all);
        for (const list of lists) {
          const input = `{"events":[${list.map(({ body: text }) => text).join(',')}]}`;
          expect(list.length).toBeGreaterThan(0);
          expect(Buffer.byteLength(input)).toBeLessThanOrEqual(256 * 1024);
          if (list.length > 1) expect(fileBytes(list)).toBeLessThanOrEqual(MAXIMUM_FILE_BYTES);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('of one file are named after it', () => {
    expect(executionName([message('m', 0, 1, 'reviews/yelp/may.json')])).toMatch(/^may\.json-[0-9a-f]{16}$/);
  });

  it('of several files are named after the first, and say how many more there are', () => {
    const list = [message('m', 0, 1, 'reviews/yelp/may.json'), message('n', 0, 1), message('o', 0, 1)];
    expect(executionName(list)).toMatch(/^may\.json-and-2-more-[0-9a-f]{16}$/);
  });

  it('have names that Step Functions takes, whatever the files are called', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 10_000 }),
        (key, count) => {
          const list = new Array<EventMessage>(count).fill(message('m', 0, 1, key));
          expect(executionName(list)).toMatch(/^[A-Za-z0-9._-]{1,80}$/);
        },
      ),
      { numRuns: 20 },
    );
  });
});
