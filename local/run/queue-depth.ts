import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** "GetQueueAttributes", Amazon SQS API Reference. */
const MESSAGE_COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
] as const;

/** Messages in a queue, by SQS's estimate, with those in flight and those that are delayed. */
export async function messagesIn(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...MESSAGE_COUNTS] }),
  );
  return MESSAGE_COUNTS.reduce((sum, count) => sum + Number(Attributes[count] ?? 0), 0);
}
