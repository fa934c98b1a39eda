import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand, GetExecutionHistoryCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { type Deployed, type Platform, type PlatformOptions, startPlatform } from '../../../local/platform/platform';
import { type DroppedFile, drop } from '../../../local/run/drop';
import type { FileResult } from '../../../local/run/file-result';
import { follow } from '../../../local/run/follow';
import { scratchFolder } from './command';

/** A platform on this machine for one test file, with the few moves the tests make on it. */
export interface RunningPlatform {
  readonly platform: Platform;
  readonly folder: string;
  /** Writes a file and drops it under the key; the same key again makes a second version. */
  drop(key: string, content: string | Uint8Array): Promise<DroppedFile>;
  follow(file: DroppedFile): Promise<FileResult>;
  stop(): Promise<void>;
}

export async function startRunning(
  options: Pick<PlatformOptions, 'assembly' | 'airflow' | 'awsOptions' | 'sources' | 'changeCapture'> = {},
): Promise<RunningPlatform> {
  const scratch = scratchFolder();
  const platform = await startPlatform({ state: join(scratch.path, 'state'), ...options });
  let written = 0;
  return {
    platform,
    folder: scratch.path,
    async drop(key, content) {
      written += 1;
      const path = join(scratch.path, `dropped-${written}`);
      writeFileSync(path, content);
      return drop(platform, { path, key });
    },
    follow: (file) => follow(platform, file),
    async stop() {
      await platform.stop();
      scratch[Symbol.dispose]();
    },
  };
}

/** A review in the pipeline's own format. */
export const review = (id: string, over: Record<string, unknown> = {}) => ({
  review_id: id,
  product: { product_id: 'P-1', title: 'Kettle' },
  reviewer: { reviewer_id: 'R-1' },
  rating: 4,
  body: 'Boils water.',
  created_at: '2026-05-04T10:00:00Z',
  ...over,
});

export const jsonLines = (records: readonly unknown[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** Runs an execution with the input of an earlier one, as `Start execution` with a copied input does in the console. */
export async function runAgain({ aws, outputs }: Deployed, executionArn: string): Promise<string> {
  const { input } = await aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
  const started = await aws.sfn.send(
    new StartExecutionCommand({ stateMachineArn: outputs.ReviewIntakeStateMachineArn, input }),
  );
  return started.executionArn as string;
}

/** Waits for an execution's end. */
export async function ended({ aws }: Deployed, executionArn: string) {
  for (;;) {
    const execution = await aws.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

/** Names of the states an execution has entered, in order. */
export async function statesEntered({ aws }: Deployed, executionArn: string): Promise<string[]> {
  const { events = [] } = await aws.sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
  return events.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
}

/** Subscribes a queue to the alert topic; the function it returns waits for the next alert's text. */
export async function listenForAlerts({ aws, outputs }: Deployed): Promise<() => Promise<string>> {
  const { QueueUrl } = await aws.sqs.send(new CreateQueueCommand({ QueueName: 'alerts-under-test' }));
  const { Attributes } = await aws.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await aws.sns.send(
    new SubscribeCommand({ TopicArn: outputs.AlertTopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }),
  );
  return async () => {
    for (let tries = 0; tries < 60; tries += 1) {
      const { Messages = [] } = await aws.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
      const [message] = Messages;
      if (!message?.Body) continue;
      await aws.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
      return (JSON.parse(message.Body) as { Message: string }).Message;
    }
    throw new Error('no alert arrived in a minute');
  };
}
