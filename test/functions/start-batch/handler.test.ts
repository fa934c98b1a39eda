import { ExecutionAlreadyExists, SFNClient, SFNServiceException, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../lib/functions/runtime/logging';
import { executionName, handler, splitByInputSize } from '../../../lib/functions/start-batch/handler';
import { context, objectCreated } from '../../support/pipeline';

const stepFunctions = mockClient(SFNClient);

beforeEach(() => {
  logger.setLogLevel('SILENT');
  vi.stubEnv('STATE_MACHINE_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:review-intake');
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

describe('a batch of messages', () => {
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

describe('the lists for executions', () => {
  const anyMessages = fc.array(
    fc.record({ messageId: fc.uuid(), body: fc.integer({ min: 2, max: 100_000 }).map((size) => 'é'.repeat(size / 2)) }),
    { maxLength: 20 },
  );

  it('hold every message once, in order, and each fits into an input', () => {
    fc.assert(
      fc.property(anyMessages, (all) => {
        const lists = splitByInputSize(all);
        expect(lists.flat()).toEqual(all);
        for (const list of lists) {
          const input = `{"events":[${list.map((message) => message.body).join(',')}]}`;
          expect(list.length).toBeGreaterThan(0);
          expect(Buffer.byteLength(input)).toBeLessThanOrEqual(256 * 1024);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('give names that Step Functions takes', () => {
    const list = [{ messageId: 'm', body: '' }];
    expect(executionName(list)).toMatch(/^batch-of-1-[0-9a-f]{32}$/);
  });
});
