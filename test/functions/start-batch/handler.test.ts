import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  SFNServiceException,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../lib/functions/runtime/logging';
import { handler } from '../../../lib/functions/start-batch/handler';
import { divide, type EventMessage, executionName } from '../../../lib/functions/start-batch/lists';
import { context, objectCreated } from '../../support/pipeline';

const stepFunctions = mockClient(SFNClient);
const sqs = mockClient(SQSClient);
const dynamoDb = mockClient(DynamoDBDocumentClient);

/** The row of the running executions; undefined where there is none yet. */
let running: Record<string, string> | undefined;

/** What DynamoDB makes of the three updates of that row. */
function update({
  UpdateExpression = '',
  ExpressionAttributeNames: names = {},
  ExpressionAttributeValues: values = {},
}: UpdateCommandInput) {
  if (values[':none']) {
    running ??= {};
  } else if (UpdateExpression.startsWith('REMOVE')) {
    for (const [placeholder, name] of Object.entries(names)) if (placeholder !== '#running') delete running?.[name];
  } else {
    const name = names['#name'] as string;
    if (!running) throw new Error('The path of the update is not there.');
    if (!(name in running) && Object.keys(running).length >= values[':maximum']) {
      throw new ConditionalCheckFailedException({ message: 'full', $metadata: {} });
    }
    running[name] ??= values[':now'];
  }
}

beforeEach(() => {
  logger.setLogLevel('SILENT');
  vi.stubEnv('STATE_MACHINE_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:review-intake');
  vi.stubEnv('MAXIMUM_FILE_BYTES', '1000000');
  vi.stubEnv('MAXIMUM_FILES', '10000');
  vi.stubEnv('MAXIMUM_EXECUTIONS', '3');
  vi.stubEnv('LEDGER_TABLE', 'ledger');
  vi.stubEnv('QUEUE_URL', 'https://sqs.example/intake');
  vi.stubEnv('WAIT_SECONDS', '15');
  stepFunctions.reset();
  sqs.reset();
  sqs.on(SendMessageBatchCommand).resolves({});
  dynamoDb.reset();
  running = undefined;
  dynamoDb.on(GetCommand).callsFake(() => ({ Item: running && { running } }));
  dynamoDb.on(UpdateCommand).callsFake(update);
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

describe('while as many executions run as may', () => {
  const statuses = new Map<string, string>();
  const held = (...names: string[]) => Object.fromEntries(names.map((name) => [name, new Date().toISOString()]));
  const waiting = () =>
    sqs.commandCalls(SendMessageBatchCommand).flatMap(({ args }) => args[0].input.Entries as { MessageBody: string }[]);

  beforeEach(() => {
    statuses.clear();
    stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      const status = statuses.get(executionArn.split(':').at(-1));
      if (!status) throw new ExecutionDoesNotExist({ message: 'unknown', $metadata: {} });
      return { status };
    });
  });

  it('puts events back as new messages, which wait: a message that is returned would become a dead letter', async () => {
    running = held('one', 'two', 'three');
    for (const name of Object.keys(running)) statuses.set(name, 'RUNNING');
    const event = messages(...Array.from({ length: 23 }, (_, index) => body(`reviews/${index}`)));
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
    expect(started()).toEqual([]);
    expect(
      waiting()
        .map(({ MessageBody }) => MessageBody)
        .sort(),
    ).toEqual(event.Records.map((each) => each.body).sort());
    expect(waiting().every((entry) => (entry as { DelaySeconds?: number }).DelaySeconds === 15)).toBe(true);
  });

  it('takes the slot of one that has ended, however it ended', async () => {
    running = held('one', 'two', 'three');
    for (const [name, status] of Object.entries({ one: 'RUNNING', two: 'TIMED_OUT', three: 'RUNNING' })) {
      statuses.set(name, status);
    }
    await handler(messages(body('reviews/a')), context);
    expect(started()).toHaveLength(1);
    expect(waiting()).toEqual([]);
    expect(Object.keys(running).sort()).toEqual(['one', 'three', started()[0]?.name].sort());
  });

  it('leaves the slot to one that is just being started, and gives up one that never was', async () => {
    running = { ...held('one', 'two'), stale: new Date(Date.now() - 3_600_000).toISOString() };
    await handler(messages(body('reviews/a')), context);
    expect(Object.keys(running).sort()).toEqual(['one', 'two', started()[0]?.name].sort());
    await handler(messages(body('reviews/b')), context);
    expect(started()).toHaveLength(1);
    expect(waiting()).toHaveLength(1);
  });

  it('never starts more than may run, and loses no event, whatever the sizes are', async () => {
    vi.stubEnv('MAXIMUM_FILES', '2');
    const event = messages(...Array.from({ length: 11 }, (_, index) => body(`reviews/${index}`)), 'not json');
    const { batchItemFailures } = await handler(event, context);
    expect(started()).toHaveLength(3);
    const taken = started().flatMap(({ input }) => JSON.parse(input ?? '').events);
    expect(taken.length + waiting().length).toBe(11);
    // A poison message is returned, and keeps nothing from its turn.
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'message-11' }]);
  });

  it('gives the slot of an execution back that Step Functions refused to start', async () => {
    stepFunctions
      .on(StartExecutionCommand)
      .rejects(new SFNServiceException({ name: 'ThrottlingException', $fault: 'client', $metadata: {} }));
    expect(await handler(messages(body('reviews/a')), context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(running).toEqual({});
  });

  it('returns the messages whose events could not be put back', async () => {
    running = held('one', 'two', 'three');
    for (const name of Object.keys(running)) statuses.set(name, 'RUNNING');
    sqs
      .on(SendMessageBatchCommand)
      .resolves({ Failed: [{ Id: '1', SenderFault: false, Code: 'InternalError' }] } as never);
    const { batchItemFailures } = await handler(messages(body('reviews/a'), body('reviews/b')), context);
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'message-1' }]);
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
        const lists = divide(all, { files: 7, fileBytes: MAXIMUM_FILE_BYTES });
        expect(lists.flat()).toEqual(all);
        for (const list of lists) {
          const input = `{"events":[${list.map(({ body: text }) => text).join(',')}]}`;
          expect(list.length).toBeGreaterThan(0);
          expect(list.length).toBeLessThanOrEqual(7);
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
