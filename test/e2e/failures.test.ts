import { readdirSync, readFileSync } from 'node:fs';
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

/** Ids of the processes whose command line names all the texts. */
function processesNaming(...texts: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return texts.every((text) => commandLine.includes(text));
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe.skipIf(process.platform !== 'linux')('a job that fails', () => {
  let running: RunningPlatform;
  let nextAlert: () => Promise<string>;

  beforeAll(async () => {
    running = await startRunning();
    nextAlert = await listenForAlerts(running.platform);
  });
  afterAll(() => running?.stop());

  /** Every failure must end like this: seen in the history, in the ledger, by whoever is on call, and mended by a re-run. */
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
    let killed = false;
    while (!killed) {
      // The job's own arguments are on its command line: nobody else's process is meant.
      for (const pid of processesNaming('clean_reviews', running.folder)) {
        process.kill(pid, 'SIGKILL');
        killed = true;
      }
      await new Promise((wake) => setTimeout(wake, 50));
    }
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
