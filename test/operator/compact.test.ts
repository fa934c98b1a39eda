import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, it } from 'vitest';
import { compact } from '../../operator/commands/compact';
import { policyDocument } from '../../operator/commands/policy';
import type { Deployment } from '../../operator/deployment';
import { FakeDeployment } from '../support/fake-deployment';

const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:reviews-dev-compaction';
const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:reviews-dev-compaction:one';

const FIGURES = { ingestDate: '2026-11-21', batches: 720, filesBefore: 5760, bytesBefore: 38_000_000 };
const AFTER = { filesAfter: 8, bytesAfter: 12_300_000, seconds: 9.5, rows: {} };

let fake: FakeDeployment;
let deployment: Deployment;
let inputs: unknown[];

beforeEach(() => {
  fake = new FakeDeployment();
  deployment = { ...fake.deployment, outputs: { ...fake.deployment.outputs, CompactionStateMachineArn: MACHINE } };
  inputs = [];
  fake.sfn.on(StartExecutionCommand).callsFake(({ stateMachineArn, input }) => {
    inputs.push([stateMachineArn, JSON.parse(input)]);
    return { executionArn: EXECUTION };
  });
});

/** The execution ends so, and its job has written this. */
function ends(status: 'SUCCEEDED' | 'FAILED', report?: object, cause?: string): void {
  fake.sfn.on(DescribeExecutionCommand).resolvesOnce({ status: 'RUNNING' }).resolves({ status, cause });
  if (report) fake.pipeline.putDocument('work/compaction/one.json', report);
}

describe('compact', () => {
  it('waits for the end, and says what has become of each day', async () => {
    ends('SUCCEEDED', {
      planned: false,
      compactions: [{ ...FIGURES, ...AFTER }],
      removed: { files: 9, bytes: 1_000_000 },
      left: [],
    });
    const { text, whole } = await compact(deployment, { today: true });
    expect(inputs).toEqual([[MACHINE, { today: true }]]);
    expect(text).toMatch(/2026-11-21 +720 +5760 +38\.0 +8 +12\.3 +9\.5/);
    expect(text).toContain('Removed, replaced before: 9 files, 1.0 MB.');
    expect(whole).toBe(true);
  });

  it('only says what it would do in a dry run', async () => {
    ends('SUCCEEDED', { planned: true, compactions: [FIGURES], removed: { files: 0, bytes: 0 }, left: [] });
    const { text } = await compact(deployment, { dryRun: true });
    expect(inputs).toEqual([[MACHINE, { plan: true }]]);
    expect(text).toContain('Would be compacted:');
    expect(text).toMatch(/2026-11-21 +720 +5760 +38\.0/);
  });

  it('names the batches that keep their files', async () => {
    const left = [{ batchId: 'b1', why: 'reviews has 3 rows, its outcome says 4' }];
    ends('FAILED', { planned: false, compactions: [], removed: { files: 0, bytes: 0 }, left });
    const { text, whole } = await compact(deployment, {});
    expect(text).toContain('b1: reviews has 3 rows, its outcome says 4');
    expect(whole).toBe(false);
  });

  it('says why it failed, and that readers see no difference', async () => {
    ends('FAILED', undefined, 'JobError: compaction of reviews: 6 rows were to be written');
    await expect(compact(deployment, {})).rejects.toMatchObject({
      message: expect.stringContaining('ended as FAILED: JobError: compaction of reviews: 6 rows were to be written'),
      remedy: expect.stringContaining('A compaction fails'),
    });
  });

  it('says how to get it where the environment has none', async () => {
    await expect(compact(fake.deployment, {})).rejects.toMatchObject({
      message: expect.stringContaining('Environment dev has no compaction.'),
      remedy: expect.stringContaining('"compaction": {}'),
    });
  });

  it('needs permission to start and to follow it', () => {
    const { Statement } = policyDocument(deployment, {});
    const of = (sid: string) => Statement.find(({ Sid }) => Sid === sid)?.Resource;
    expect(of('StartExecutions')).toContain(MACHINE);
    expect(of('FollowExecutions')).toContain(`${MACHINE.replace(':stateMachine:', ':execution:')}:*`);
    expect(JSON.stringify(policyDocument(fake.deployment, {}))).not.toContain('compaction');
  });
});
