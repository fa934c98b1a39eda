import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListExecutionsCommand, paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import { GetQueueUrlCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mapConcurrently } from '../../lib/functions/runtime/concurrency';
import { awsClients } from '../../local/platform/aws-clients';
import { launchAws } from '../../local/platform/aws-process';
import type { LaunchedServer } from '../../local/platform/child-server';
import { deploy } from '../../local/platform/deploy';
import { type Deployed, PlatformOutputs } from '../../local/platform/platform';
import { synthesise } from '../../local/platform/synthesise';
import { drop } from '../../local/run/drop';
import { intakeExecutions } from '../../local/run/executions';
import { followAll } from '../../local/run/follow';
import { scratchFolder } from './support/command';
import { jsonLines, review } from './support/running';
import { synthesiseBounded, synthesiseSecond } from './support/second-environment';

/** Each costs two job runs of this machine; BURST_FILES=50 shows what the suite has no time for. */
const SINGLE = Number(process.env.BURST_FILES ?? 20);
const BATCHED = 1000;
/** Each is an execution, of which two may run at a time. */
const BOUNDED = 4;

/**
 * More starts of jobs than this a second are refused. Waits are shortened twentyfold: beside them, it is one start in several seconds,
 * less than any account allows; and so few that a slow machine, too, starts more.
 */
const STARTS_PER_SECOND = String(SINGLE / 10);
const THROTTLED = ['--glue-starts-per-second', STARTS_PER_SECOND, '--wait-scale', '0.05', '--job-slots', '4'];

const UPLOADS_AT_ONCE = 32;

describe('a burst of files while Glue throttles', () => {
  const scratch = scratchFolder();
  let server: LaunchedServer;
  let single: Deployed;
  let batched: Deployed;
  let bounded: Deployed;

  beforeAll(async () => {
    const assemblies = await Promise.all([synthesise('dev'), synthesiseSecond(), synthesiseBounded()]);
    server = await launchAws({ state: join(scratch.path, 'aws'), options: THROTTLED });
    const aws = awsClients(await server.endpoint);
    const deployAll = async (assembly: string): Promise<Deployed> => {
      const { whole } = await deploy(aws, assembly);
      return { aws, outputs: PlatformOutputs.parse(await whole) };
    };
    single = await deployAll(assemblies[0]);
    batched = await deployAll(assemblies[1]);
    bounded = await deployAll(assemblies[2]);
  });
  afterAll(async () => {
    await server?.stop();
    scratch[Symbol.dispose]();
  });

  const dropBurst = (platform: Deployed, files: number) =>
    mapConcurrently([...Array(files).keys()], UPLOADS_AT_ONCE, (number) => {
      const path = join(scratch.path, `${number}.jsonl`);
      writeFileSync(path, jsonLines([review(`r${number}`)]));
      return drop(platform, { path, key: `reviews/native/${number}.jsonl` });
    });

  /** How the executions ended, what tasks failed by, and which states were entered. */
  async function executionsOf({ aws, outputs }: Deployed) {
    const stateMachineArn = outputs.ReviewIntakeStateMachineArn;
    const { executions = [] } = await aws.sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000 }));
    const seen = { ends: executions.map(({ status }) => status), errors: new Set<string>(), states: new Set<string>() };
    for (const { executionArn = '' } of executions) {
      for await (const { events = [] } of paginateGetExecutionHistory({ client: aws.sfn }, { executionArn })) {
        for (const event of events) {
          if (event.taskFailedEventDetails?.error) seen.errors.add(event.taskFailedEventDetails.error);
          if (event.stateEnteredEventDetails?.name) seen.states.add(event.stateEnteredEventDetails.name);
        }
      }
    }
    return seen;
  }

  /** How many executions ran at the same time, at most. */
  async function mostAtOnce(platform: Deployed): Promise<number> {
    const executions = await intakeExecutions(platform);
    const runAt = (time: Date) =>
      executions.filter(({ startedAt, endedAt }) => startedAt <= time && (!endedAt || endedAt > time)).length;
    return Math.max(...executions.map(({ startedAt }) => runAt(startedAt)));
  }

  it(`publishes all ${SINGLE} files in single mode, fails none and alerts nobody`, async () => {
    const results = await followAll(single, await dropBurst(single, SINGLE));
    expect(results).toHaveLength(SINGLE);
    expect(results.filter(({ status, published }) => status !== 'PUBLISHED' || published !== 1)).toEqual([]);
    const { ends, errors, states } = await executionsOf(single);
    expect(ends).toEqual(new Array(SINGLE).fill('SUCCEEDED'));
    // Glue did throttle, and by nothing else did a task fail.
    expect([...errors]).toEqual(['Glue.AWSGlueException']);
    expect([...states]).not.toContain('Alert on-call');
  });

  it(`publishes all ${BATCHED} files in batched mode by few executions, fails none and alerts nobody`, async () => {
    const results = await followAll(batched, await dropBurst(batched, BATCHED));
    expect(results.filter(({ status, published }) => status !== 'PUBLISHED' || published !== 1)).toEqual([]);
    const { ends, errors, states } = await executionsOf(batched);
    expect(ends).toEqual(new Array(ends.length).fill('SUCCEEDED'));
    // How many depends on how fast this machine takes the files.
    expect(ends.length).toBeLessThanOrEqual(BATCHED / 10);
    expect(['Glue.AWSGlueException', undefined]).toContain([...errors][0]);
    expect(errors.size).toBeLessThanOrEqual(1);
    expect([...states].filter((state) => state.startsWith('Alert'))).toEqual([]);
  });

  it('has no more executions run than the intake may, in batched mode', async () => {
    expect((await intakeExecutions(batched)).length).toBeGreaterThan(2);
    expect(await mostAtOnce(batched)).toBeLessThanOrEqual(2);
  });

  it('has no more executions run than the intake may, in single mode, and a poison message stops none', async () => {
    const { QueueUrl } = await bounded.aws.sqs.send(new GetQueueUrlCommand({ QueueName: 'reviews-bounded-intake' }));
    await bounded.aws.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'no event of S3' }));
    const results = await followAll(bounded, await dropBurst(bounded, BOUNDED));
    expect(results.filter(({ status, published }) => status !== 'PUBLISHED' || published !== 1)).toEqual([]);
    expect(await intakeExecutions(bounded)).toHaveLength(BOUNDED);
    expect(await mostAtOnce(bounded)).toBeLessThanOrEqual(2);
  });
});
