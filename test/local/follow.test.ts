import { GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileId } from '../../lib/functions/ledger/identity';
import { awsClients } from '../../local/platform/aws-clients';
import type { Deployed } from '../../local/platform/platform';
import type { DroppedFile } from '../../local/run/drop';
import { followAll } from '../../local/run/follow';

const sfn = mockClient(SFNClient);
const sqs = mockClient(SQSClient);
const ledger = mockClient(DynamoDBDocumentClient);

const BUCKET = 'raw';
const ARN = 'arn:aws:states:us-east-1:000000000000:execution:intake:one';

const deployed: Deployed = {
  aws: awsClients('http://127.0.0.1:1'),
  outputs: {
    RawBucketName: BUCKET,
    ProcessedBucketName: 'processed',
    LedgerTableName: 'ledger',
    ReviewIntakeStateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:intake',
    CleanJobName: 'clean',
    FlattenJobName: 'flatten',
    AlertTopicArn: 'arn:aws:sns:us-east-1:000000000000:alerts',
  },
};

const dropped = (count: number): DroppedFile[] =>
  Array.from({ length: count }, (_, number) => ({
    path: `/files/${number}.jsonl`,
    key: `reviews/native/${number}.jsonl`,
    name: `native/${number}.jsonl`,
    versionId: `v${number}`,
    droppedAt: Date.now(),
  }));

const rowOf = ({ key, versionId }: DroppedFile, over: Record<string, unknown>) => ({
  object: `${BUCKET}/${key}`,
  version_id: versionId,
  file_id: fileId({ bucket: BUCKET, key, versionId }),
  arrived_at: new Date().toISOString(),
  received_at: new Date().toISOString(),
  updated_at: new Date().toISOString(),
  batch_id: 'batch',
  ingest_date: '2026-05-04',
  execution_arn: ARN,
  attempt: 1,
  ...over,
});

/** One execution that has taken all the files, is so many looks in each of its states, and then ends. */
function oneExecution(files: readonly DroppedFile[], looks: number, ledgerStatus: string): void {
  const startDate = new Date();
  const states = ['Register files', 'Clean reviews', 'Flatten reviews', 'Record outcome'];
  const endsAfter = states.length * looks;
  let look = 0;
  const ended = () => look > endsAfter;
  sfn.on(ListExecutionsCommand).callsFake(() => {
    look += 1;
    const status = ended() ? 'SUCCEEDED' : 'RUNNING';
    return { executions: [{ executionArn: ARN, stateMachineArn: '-', name: 'one', status, startDate }] };
  });
  sfn.on(GetExecutionHistoryCommand).callsFake(() => ({
    events: [{ stateEnteredEventDetails: { name: states[Math.floor((look - 1) / looks)] } }],
  }));
  ledger.on(QueryCommand).callsFake(() => ({
    Items: files.map((file) => rowOf(file, { status: ended() ? ledgerStatus : 'PROCESSING' })),
  }));
}

const calls = (): number => sfn.calls().length + ledger.calls().length;

/** Follows with a clock that runs as fast as it is waited for. */
async function followed(files: readonly DroppedFile[], platform = deployed) {
  const following = followAll(platform, files);
  await vi.advanceTimersByTimeAsync(300_000);
  return following;
}

beforeEach(() => {
  sfn.reset();
  sqs.reset();
  ledger.reset();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('following dropped files', () => {
  it('gives every file its result, in the order of the files', async () => {
    const files = dropped(3);
    oneExecution(files, 2, 'PUBLISHED');
    expect(await followed(files)).toEqual(
      files.map(({ name, path }) =>
        expect.objectContaining({ name, path, status: 'PUBLISHED', executionArn: ARN, executionStatus: 'SUCCEEDED' }),
      ),
    );
  });

  it('makes no more calls for a thousand files than for ten', async () => {
    const few = dropped(10);
    oneExecution(few, 5, 'PUBLISHED');
    await followed(few);
    const callsForFew = calls();

    sfn.reset();
    ledger.reset();
    const many = dropped(1000);
    oneExecution(many, 5, 'PUBLISHED');
    await followed(many);
    expect(calls()).toBe(callsForFew);
  });

  it('tells an onlooker the state of the execution that has each file', async () => {
    const [file] = dropped(1) as [DroppedFile];
    oneExecution([file], 1, 'PUBLISHED');
    const states: string[] = [];
    const following = followAll(deployed, [file], { onState: (_, state) => states.push(state) });
    await vi.advanceTimersByTimeAsync(60_000);
    await following;
    expect(states).toEqual(['Register files', 'Clean reviews', 'Flatten reviews', 'Record outcome']);
  });

  it('gives a file up as LOST that no execution claims within 90 s', async () => {
    sfn.on(ListExecutionsCommand).resolves({ executions: [] });
    const [result] = await followed(dropped(1));
    expect(result).toMatchObject({ status: 'LOST', reason: 'No execution has claimed the file within 90 s.' });
    expect(result?.seconds).toBeGreaterThanOrEqual(90);
    expect(result?.seconds).toBeLessThan(95);
  });

  it('does not give a file up while the intake queue holds messages, but 90 s after it is empty', async () => {
    sfn.on(ListExecutionsCommand).resolves({ executions: [] });
    const emptyFrom = Date.now() + 120_000;
    sqs.on(GetQueueAttributesCommand).callsFake(() => ({
      Attributes: { ApproximateNumberOfMessagesDelayed: Date.now() < emptyFrom ? '1' : '0' },
    }));
    const queued = { ...deployed, outputs: { ...deployed.outputs, IntakeQueueUrl: 'https://sqs.test/intake' } };
    const [result] = await followed(dropped(1), queued);
    expect(result?.status).toBe('LOST');
    expect(result?.seconds).toBeGreaterThanOrEqual(205);
    expect(result?.seconds).toBeLessThan(215);
  });

  it('says of a file that its execution left behind how that ended', async () => {
    const files = dropped(1);
    oneExecution(files, 1, 'PROCESSING');
    const [result] = await followed(files);
    expect(result).toMatchObject({
      status: 'PROCESSING',
      reason: 'The execution has ended as SUCCEEDED; the ledger still says PROCESSING.',
    });
  });

  it('takes no notice of executions from before the first drop', async () => {
    const files = dropped(1);
    sfn.on(ListExecutionsCommand).resolves({
      executions: [
        { executionArn: ARN, stateMachineArn: '-', name: 'old', status: 'SUCCEEDED', startDate: new Date(0) },
      ],
    });
    await followed(files);
    expect(ledger.calls()).toEqual([]);
  });
});
