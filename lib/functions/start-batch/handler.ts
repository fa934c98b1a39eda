import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { s3EventSchema } from '../../contracts/object-event';
import { clientDefaults } from '../runtime/aws';
import { requiredEnvironment } from '../runtime/environment';
import { logger } from '../runtime/logging';
import { parseJsonOrThrow } from '../runtime/parse';
import { divide, type EventMessage, executionName } from './lists';

const stepFunctions = new SFNClient(clientDefaults);

/**
 * Starts one execution for the events of a batch of SQS messages, or several where that would be too much for one. A list that
 * is delivered again does not start a second execution. If its messages come in other batches, the ledger recognises the files.
 *
 * @returns the messages that are not events of S3, or whose execution could not be started: SQS delivers them again, then moves
 *   them to the dead-letter queue
 */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  logger.addContext(context);
  // In the order of their ids: the same messages then make the same input, which Step Functions takes for the same request.
  const messages = event.Records.toSorted((a, b) => (a.messageId < b.messageId ? -1 : 1));
  const events = messages.flatMap((message) => eventMessage(message) ?? []);
  const accepted = new Set(events.map(({ messageId }) => messageId));
  const failed = messages.flatMap(({ messageId }) => (accepted.has(messageId) ? [] : messageId));

  for (const list of divide(events, Number(requiredEnvironment('MAXIMUM_FILE_BYTES')))) {
    const started = await startExecution(list);
    if (!started) {
      failed.push(...list.map(({ messageId }) => messageId));
    }
  }
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
