import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stoppable } from '../../local/platform/servers';
import { intakeExecutions } from '../../local/run/executions';
import { follow } from '../../local/run/follow';
import { countRows } from '../../local/run/tables';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { DURABLE, killFunctionsUntil, restartKilledAws } from './support/kills';
import { publishedIds } from './support/published';
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

/** The newest execution, as soon as it has entered a state. */
async function executionIn({ platform }: RunningPlatform, state: string, before: ReadonlySet<string>): Promise<string> {
  for (;;) {
    const newest = (await intakeExecutions(platform)).find(({ arn }) => !before.has(arn));
    if (newest && (await statesEntered(platform, newest.arn)).includes(state)) return newest.arn;
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

describe('an execution that fails', () => {
  let running: RunningPlatform;
  let nextAlert: () => Promise<string>;
  const restarted: Stoppable[] = [];

  beforeAll(async () => {
    running = await startRunning({ awsOptions: DURABLE });
    nextAlert = await listenForAlerts(running.platform);
  });
  afterAll(async () => {
    for (const server of restarted) await server.stop();
    await running?.stop();
  });

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
    const ids = await publishedIds(running);
    expect(ids).toEqual([...new Set(ids)]);
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

  /** Whatever was killed: after one repair all agrees, and each review is published exactly once. */
  async function expectRepair(ids: readonly string[], before: readonly string[]) {
    const { text, agrees } = await reconcile(await connectLocally(running.platform.endpoint), {
      grace: 0,
      repair: true,
    });
    expect(agrees, text).toBe(true);
    expect(await publishedIds(running)).toEqual([...before, ...ids].sort());
  }

  const knownExecutions = async () => new Set((await intakeExecutions(running.platform)).map(({ arn }) => arn));

  it('because its functions are killed at work: the files stay PROCESSING until reconcile --repair', async () => {
    const [before, known] = [await publishedIds(running), await knownExecutions()];
    await running.drop('reviews/native/function.jsonl', jsonLines([review('f1'), review('f2')]));
    const over = executionIn(running, 'Record outcome', known).then((arn) => ended(running.platform, arn));
    const killed = await killFunctionsUntil(running, ['record-outcome', 'record-failure'], over);
    const { executionArn = '', status, error } = await over;
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'Runtime.ExitError' });
    // Each is tried twice.
    expect(killed).toBeGreaterThanOrEqual(4);
    expect(await nextAlert()).toContain(executionArn);
    await expectRepair(['f1', 'f2'], before);
  });

  it.each(['Flatten reviews', 'Record outcome'])(
    'because the local AWS is killed in %s: after a restart reconcile --repair publishes everything once',
    async (state) => {
      const [before, known] = [await publishedIds(running), await knownExecutions()];
      const id = (name: string) => `${state} ${name}`;
      await running.drop(`reviews/native/${state}.jsonl`, jsonLines([review(id('1')), review(id('2'))]));
      const executionArn = await executionIn(running, state, known);
      // One more file, which no execution has taken yet.
      await running.drop(`reviews/native/${state} later.jsonl`, jsonLines([review(id('3'))]));
      restarted.push(await restartKilledAws(running));
      expect((await ended(running.platform, executionArn)).status).toBe('FAILED');
      expect(await statesEntered(running.platform, executionArn)).not.toContain('Record failure');
      await expectRepair(['1', '2', '3'].map(id), before);
    },
  );
});
