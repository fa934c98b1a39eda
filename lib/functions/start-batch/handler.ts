import { createHash } from 'node:crypto';
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { s3EventSchema } from '../../contracts/object-event';
import { clientDefaults } from '../runtime/aws';
import { requiredEnvironment } from '../runtime/environment';
import { logger } from '../runtime/logging';
import { parseJsonOrThrow } from '../runtime/parse';

// Step Functions takes inputs of at most 256 KiB (AWS Step Functions Developer Guide, "Quotas"); the rest is for the brackets.
const MAX_INPUT_BYTES = 255 * 1024;

const stepFunctions = new SFNClient(clientDefaults);

/** A message whose body is an event of S3, as EventBridge put it into the queue. */
export interface EventMessage {
  readonly messageId: string;
  /** The event, untouched. */
  readonly body: string;
}

/** Divides messages into lists that are each small enough for the input of one execution. */
export function splitByInputSize(messages: readonly EventMessage[]): EventMessage[][] {
  const lists: EventMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body) + 1;
    if (size > room || lists.length === 0) {
      lists.push([]);
      room = MAX_INPUT_BYTES;
    }
    lists.at(-1)?.push(message);
    room -= size;
  }
  return lists;
}

/** Name of the execution for a list of messages: the same when the queue delivers the same list again. */
export function executionName(messages: readonly EventMessage[]): string {
  const ids = messages.map(({ messageId }) => messageId).join('\n');
  return `batch-of-${messages.length}-${createHash('sha256').update(ids).digest('hex').slice(0, 32)}`;
}

/**
 * Starts one execution for the events of a batch of SQS messages, or several where they do not fit into one input. A list that
 * is delivered again does not start a second execution. If its messages come in other batches, the ledger recognises the files.
 *
 * @returns the messages that are not events of S3, or whose execution could not be started: SQS delivers them again, then moves
 *   them to the dead-letter queue
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  logger.addContext(context);
  // In the order of their ids: the same messages then make the same input, which Step Functions takes for the same request.
  const messages = event.Records.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1));
  const events = messages.filter(isEvent);
  const accepted = new Set(events);
  const failed = messages.filter((message) => !accepted.has(message)).map(({ messageId }) => messageId);

  for (const list of splitByInputSize(events)) {
    const started = await startExecution(list);
    if (!started) {
      failed.push(...list.map(({ messageId }) => messageId));
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function isEvent({ messageId, body }: EventMessage): boolean {
  try {
    parseJsonOrThrow(s3EventSchema, body, `message ${messageId}`);
    return true;
  } catch (error) {
    logger.error('A message is not an event of S3', error as Error);
    return false;
  }
}

async function startExecution(messages: readonly EventMessage[]): Promise<boolean> {
  const name = executionName(messages);
  try {
    // The bodies as they came: parsing and printing them again could change them.
    await stepFunctions.send(
      new StartExecutionCommand({
        stateMachineArn: requiredEnvironment('STATE_MACHINE_ARN'),
        name,
        input: `{"events":[${messages.map(({ body }) => body).join(',')}]}`,
      }),
    );
    logger.info('Execution started', { executionName: name, events: messages.length });
    return true;
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) {
      logger.info('The messages were delivered again; their execution exists', { executionName: name });
      return true;
    }
    logger.error('The execution could not be started', { executionName: name, error: error as Error });
    return false;
  }
}
