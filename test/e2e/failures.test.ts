import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../local/run/follow';
import { countRows } from '../../local/run/tables';
import {
  ended,
  jsonLines,
  listenForAlerts,
  type RunningPlatform,
  review,
  runAgain,
  startRunning,
  statesEntered,
} from './support/running';

/** Process group of the first job run there is; the local AWS notes it while the run lasts. */
async function sparkProcessGroup({ folder }: RunningPlatform): Promise<number> {
  const runs = join(folder, 'state', 'aws', 'glue');
  for (;;) {
    const [file] = existsSync(runs) ? readdirSync(runs).filter((name) => name.endsWith('.pid')) : [];
    if (file) return Number(readFileSync(join(runs, file), 'utf8'));
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

describe('a job that fails', () => {
  let running: RunningPlatform;
  let nextAlert: () => Promise<string>;

  beforeAll(async () => {
    running = await startRunning();
    nextAlert = await listenForAlerts(running.platform);
  });
  afterAll(() => running?.stop());

  /** Every failure must end like this: visible in the history and in the ledger, reported to whoever is on call, and repaired by a re-run. */
  async function expectFailureAndRecovery(file: Awaited<ReturnType<RunningPlatform['drop']>>, records: number) {
    const before = (await countRows(running.platform)).reviews ?? 0;
    const failed = await running.follow(file);
    expect(failed).toMatchObject({ status: 'FAILED', executionStatus: 'FAILED', published: 0 });
    expect(await statesEntered(running.platform, failed.executionArn as string)).toEqual(
      expect.arrayContaining(['Clean reviews', 'Record failure', 'Alert on-call', 'Failed']),
    );
    const alert = await nextAlert();
    expect(alert).toContain((failed.executionArn as string).split(':').at(-1));
    expect((await countRows(running.platform)).reviews ?? 0).toBe(before);

    const rerun = await runAgain(running.platform, failed.executionArn as string);
    expect((await ended(running.platform, rerun)).status).toBe('SUCCEEDED');
    expect(await follow(running.platform, file)).toMatchObject({ status: 'PUBLISHED', published: records });
    expect((await countRows(running.platform)).reviews).toBe(before + records);
  }

  it('because its Spark process is killed: FAILED, alert, and a re-run publishes everything once', async () => {
    const file = await running.drop('reviews/native/killed.jsonl', jsonLines([review('k1'), review('k2')]));
    process.kill(-(await sparkProcessGroup(running)), 'SIGKILL');
    await expectFailureAndRecovery(file, 2);
  });

  it('because it runs out of time: FAILED, alert, and a re-run publishes everything once', async () => {
    const { aws, outputs } = running.platform;
    const stateMachineArn = outputs.ReviewIntakeStateMachineArn;
    const { definition = '' } = await aws.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const hurried = JSON.parse(definition);
    hurried.States['Clean reviews'].TimeoutSeconds = 1;
    await aws.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(hurried) }));
    const file = await running.drop('reviews/native/late.jsonl', jsonLines([review('l1'), review('l2'), review('l3')]));
    const { status } = await running.follow(file);
    expect(status).toBe('FAILED');
    await aws.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    await expectFailureAndRecovery(file, 3);
  });
});
