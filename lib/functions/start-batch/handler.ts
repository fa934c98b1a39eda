import { ExecutionAlreadyExists, SFNClient, SFNServiceException, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { s3EventSchema } from '../../contracts/object-event';
import { clientDefaults } from '../runtime/aws';
import { requiredEnvironment } from '../runtime/environment';
import { logger } from '../runtime/logging';
import { parseJsonOrThrow } from '../runtime/parse';
import { divide, type EventMessage, executionName } from './lists';
import { Slots } from './slots';
import { putBack } from './waiting';

const stepFunctions = new SFNClient(clientDefaults);

/** What came of a list of messages. */
type Start = 'STARTED' | 'NO_SLOT' | 'FAILED';

/**
 * Starts one execution for the events of a batch of SQS messages, or several where that would be too much for one, as long as fewer run
 * than may. The events of the others wait in the queue. A list that is delivered again does not start a second execution. If its
 * messages come in other batches, the ledger recognises the files.
 *
 * @returns the messages that are not events of S3, or whose execution could not be started: SQS delivers them again, then moves
 *   them to the dead-letter queue
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  logger.addContext(context);
  const stateMachineArn = requiredEnvironment('STATE_MACHINE_ARN');
  const slots = new Slots(
    {
      stateMachineArn,
      tableName: requiredEnvironment('LEDGER_TABLE'),
      maximum: Number(requiredEnvironment('MAXIMUM_EXECUTIONS')),
    },
    stepFunctions,
  );
  // In the order of their ids: the same messages then make the same input, which Step Functions takes for the same request.
  const messages = event.Records.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1));
  const events = messages.flatMap((message) => eventMessage(message) ?? []);
  const accepted = new Set(events.map(({ messageId }) => messageId));
  const failed = messages.flatMap(({ messageId }) => (accepted.has(messageId) ? [] : messageId));
  const lists = divide(events, {
    files: Number(requiredEnvironment('MAXIMUM_FILES')),
    fileBytes: Number(requiredEnvironment('MAXIMUM_FILE_BYTES')),
  });

  const waiting: EventMessage[] = [];
  for (const list of lists) {
    // After the first list without a slot none is free for the next one.
    const start = waiting.length > 0 ? 'NO_SLOT' : await startExecution(list, { stateMachineArn, slots });
    if (start === 'NO_SLOT') waiting.push(...list);
    if (start === 'FAILED') failed.push(...list.map(({ messageId }) => messageId));
  }
  failed.push(...(await wait(waiting)));
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function eventMessage({ messageId, body }: SQSRecord): EventMessage | undefined {
  try {
    return { messageId, body, event: parseJsonOrThrow(s3EventSchema, body, `message ${messageId}`) };
  } catch (error) {
    logger.error('A message is not an event of S3', error as Error);
    return undefined;
  }
}

async function startExecution(
  messages: readonly EventMessage[],
  { stateMachineArn, slots }: { stateMachineArn: string; slots: Slots },
): Promise<Start> {
  const name = executionName(messages);
  try {
    if (!(await slots.take(name))) return 'NO_SLOT';
  } catch (error) {
    logger.error('It could not be seen how many executions run', { executionName: name, error: error as Error });
    return 'FAILED';
  }
  try {
    // The bodies as they came: parsing and printing them again could change them.
    const input = `{"events":[${messages.map(({ body }) => body).join(',')}]}`;
    await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, name, input }));
    logger.info('Execution started', { executionName: name, events: messages.length });
    return 'STARTED';
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) {
      logger.info('The messages were delivered again; their execution exists', { executionName: name });
      return 'STARTED';
    }
    // Where Step Functions has not answered, it may have started: then the slot is given up when that is known.
    if (error instanceof SFNServiceException) await slots.release([name]);
    logger.error('The execution could not be started', { executionName: name, error: error as Error });
    return 'FAILED';
  }
}

/** Has events wait in the queue until an execution has ended; returns the messages for which that failed. */
async function wait(messages: readonly EventMessage[]): Promise<string[]> {
  if (messages.length === 0) return [];
  const delaySeconds = Number(requiredEnvironment('WAIT_SECONDS'));
  logger.info('As many executions run as may; the files wait', { events: messages.length, delaySeconds });
  try {
    return await putBack(messages, { queueUrl: requiredEnvironment('QUEUE_URL'), delaySeconds });
  } catch (error) {
    logger.error('Events could not be put back into the queue', error as Error);
    return messages.map(({ messageId }) => messageId);
  }
}
