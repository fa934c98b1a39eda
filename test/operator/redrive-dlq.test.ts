import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { redriveDeadLetters } from '../../operator/commands/redrive-dlq';
import { FakeDeployment } from '../support/fake-deployment';

const QUEUES = {
  IntakeDeadLetterQueueUrl: 'intake-dead',
  ProcessingDeadLetterQueueUrl: 'processing-dead',
  OrchestrationDeadLetterQueueUrl: 'orchestration-dead',
  PublishedQueueUrl: 'published',
};

describe('redrive-dlq', () => {
  let fake: FakeDeployment;
  let queues: Record<string, Message[]>;
  const put = (queue: string, id: string, body: unknown) =>
    queues[queue]?.push({
      MessageId: id,
      ReceiptHandle: id,
      Body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const look = (options = {}) =>
    redriveDeadLetters({ ...fake.deployment, outputs: { ...fake.deployment.outputs, ...QUEUES } }, options);

  beforeEach(() => {
    fake = new FakeDeployment();
    queues = { 'intake-dead': [], 'processing-dead': [], 'orchestration-dead': [], published: [] };
    const unseen = new Map<string, Message[]>();
    const sqs = mockClient(fake.deployment.sqs);
    sqs.on(ReceiveMessageCommand).callsFake(({ QueueUrl }) => {
      const waiting = unseen.get(QueueUrl) ?? [...(queues[QueueUrl] ?? [])];
      unseen.set(QueueUrl, waiting.slice(1));
      return { Messages: waiting.slice(0, 1) };
    });
    sqs.on(DeleteMessageCommand).callsFake(({ QueueUrl, ReceiptHandle }) => {
      queues[QueueUrl] = (queues[QueueUrl] ?? []).filter((message) => message.ReceiptHandle !== ReceiptHandle);
      return {};
    });
    sqs.on(SendMessageCommand).callsFake(({ QueueUrl, MessageBody }) => {
      put(QueueUrl, 'sent', MessageBody);
      return {};
    });
  });

  it('has files processed, failures recorded and announcements sent, each from its queue', async () => {
    const file = fake.receive('late.jsonl');
    put('intake-dead', '1', file.event);
    put('orchestration-dead', '2', { detail: 'announcement' });
    const { text, allRedriven } = await look();
    expect(allRedriven).toBe(true);
    expect(text).toContain('dead letters of the intake: 1 processed again');
    expect(fake.pipeline.dynamoDb.statuses()).toEqual({ 'late.jsonl': 'PUBLISHED' });
    expect(queues.published).toHaveLength(1);
    expect(queues['intake-dead']).toEqual([]);
  });

  it('leaves a message that is none where it is, and processes the others', async () => {
    put('intake-dead', 'poison', 'no JSON');
    put('intake-dead', 'alien', { source: 'aws.ec2' });
    put('intake-dead', 'good', fake.receive('good.jsonl').event);
    const { text, allRedriven } = await look();
    expect(allRedriven).toBe(false);
    expect(text).toContain('dead letters of the intake: 1 processed again, 2 left');
    expect(text).toContain('message poison: it is no JSON');
    expect(text).toContain('message alien: it is no event of S3');
    expect(queues['intake-dead']?.map(({ MessageId }) => MessageId)).toEqual(['poison', 'alien']);
  });

  it('--dry-run counts and changes nothing', async () => {
    put('intake-dead', '1', fake.receive('late.jsonl').event);
    expect((await look({ dryRun: true })).text).toContain('1 would be processed again');
    expect(queues['intake-dead']).toHaveLength(1);
    expect(fake.inputs).toEqual([]);
  });
});
