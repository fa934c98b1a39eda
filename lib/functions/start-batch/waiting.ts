import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientDefaults } from '../runtime/aws';
import { mapConcurrently } from '../runtime/concurrency';
import type { EventMessage } from './lists';

const sqs = new SQSClient(clientDefaults);

// "SendMessageBatch", Amazon SQS API Reference.
const MAX_ENTRIES = 10;
const BATCHES_AT_ONCE = 8;

/**
 * Puts events back into the queue as new messages, which are delivered when the delay is over. Messages that are returned would be
 * counted as received, and a healthy file would in the end become a dead letter.
 *
 * @returns ids of the messages whose event could not be put back
 */
export async function putBack(
  messages: readonly EventMessage[],
  { queueUrl, delaySeconds }: { queueUrl: string; delaySeconds: number },
): Promise<string[]> {
  const batches = Array.from({ length: Math.ceil(messages.length / MAX_ENTRIES) }, (_, index) =>
    messages.slice(index * MAX_ENTRIES, (index + 1) * MAX_ENTRIES),
  );
  const failed = await mapConcurrently(batches, BATCHES_AT_ONCE, async (batch) => {
    const Entries = batch.map(({ body }, index) => ({
      Id: String(index),
      MessageBody: body,
      DelaySeconds: delaySeconds,
    }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    return Failed.flatMap(({ Id }) => batch[Number(Id)]?.messageId ?? []);
  });
  return failed.flat();
}
