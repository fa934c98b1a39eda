import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { s3EventSchema } from '../../lib/contracts/object-event';
import type { Deployment } from '../deployment';
import { startForVersions } from '../start-executions';
import { json } from '../text';

interface RedriveOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

/** A dead-letter queue, and how its messages are processed. */
interface DeadLetters {
  readonly name: string;
  readonly url: string | undefined;
  /** Processes the message; throws if the message does not belong in the queue. */
  readonly redrive: (body: string) => Promise<unknown>;
}

interface Redriven {
  readonly queue: string;
  redriven: number;
  /** Ids of the messages that stay in the queue, with the reason. */
  readonly left: { readonly id: string; readonly reason: string }[];
}

/** Visibility timeout of a received message (seconds), so that one run does not receive it twice. */
const OUT_OF_SIGHT_SECONDS = 60;

function queuesOf(deployment: Deployment): DeadLetters[] {
  const { lambda, outputs, prefix, sqs } = deployment;
  return [
    {
      name: 'intake',
      url: outputs.IntakeDeadLetterQueueUrl,
      redrive: (body) => {
        const { time, detail } = s3EventSchema.parse(JSON.parse(body));
        const { key, size, etag, 'version-id': versionId } = detail.object;
        const version = { bucket: detail.bucket.name, key, versionId, sizeBytes: size, etag, arrivedAt: time };
        return startForVersions(deployment, [version], { trigger: 'replay' });
      },
    },
    {
      name: 'processing',
      url: outputs.ProcessingDeadLetterQueueUrl,
      redrive: async (Payload) => {
        JSON.parse(Payload);
        const answer = await lambda.send(new InvokeCommand({ FunctionName: `${prefix}-record-failure`, Payload }));
        if (answer.FunctionError) throw new Error(`${prefix}-record-failure failed on it again`);
      },
    },
    {
      name: 'orchestration',
      url: outputs.OrchestrationDeadLetterQueueUrl,
      redrive: (MessageBody) => sqs.send(new SendMessageCommand({ QueueUrl: outputs.PublishedQueueUrl, MessageBody })),
    },
  ];
}

async function* messagesOf({ sqs }: Deployment, QueueUrl: string): AsyncGenerator<Message> {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: OUT_OF_SIGHT_SECONDS }),
    );
    if (Messages.length === 0) return;
    yield* Messages;
  }
}

async function drain(deployment: Deployment, queue: DeadLetters, dryRun: boolean): Promise<Redriven> {
  const result: Redriven = { queue: queue.name, redriven: 0, left: [] };
  if (!queue.url) return result;
  for await (const { Body = '', MessageId: id = '', ReceiptHandle } of messagesOf(deployment, queue.url)) {
    try {
      if (!dryRun) {
        await queue.redrive(Body);
        await deployment.sqs.send(new DeleteMessageCommand({ QueueUrl: queue.url, ReceiptHandle }));
      }
      result.redriven += 1;
    } catch (error) {
      // The message stays in the queue; the others are processed.
      result.left.push({ id, reason: error instanceof SyntaxError ? 'it is no JSON' : reasonOf(error as Error) });
    }
  }
  return result;
}

const reasonOf = ({ name, message }: Error): string => (name === 'ZodError' ? 'it is no event of S3' : message);

/**
 * Processes the messages of all dead-letter queues again, after the cause is fixed.
 *
 * @returns the text, and whether no message is left
 */
export async function redriveDeadLetters(
  deployment: Deployment,
  options: RedriveOptions,
): Promise<{ text: string; allRedriven: boolean }> {
  const results: Redriven[] = [];
  for (const queue of queuesOf(deployment)) results.push(await drain(deployment, queue, options.dryRun ?? false));
  const allRedriven = results.every(({ left }) => left.length === 0);
  if (options.json) return { text: json(results), allRedriven };
  const done = options.dryRun ? 'would be processed again' : 'processed again';
  const lines = results.flatMap(({ queue, redriven, left }) => [
    `dead letters of the ${queue}: ${redriven} ${done}${left.length > 0 ? `, ${left.length} left` : ''}`,
    ...left.map(({ id, reason }) => `  message ${id}: ${reason}`),
  ]);
  return { text: lines.join('\n'), allRedriven };
}
