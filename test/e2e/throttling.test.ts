import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListExecutionsCommand, paginateGetExecutionHistory } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsClients } from '../../local/platform/aws-clients';
import { launchAws } from '../../local/platform/aws-process';
import type { LaunchedServer } from '../../local/platform/child-server';
import { deploy } from '../../local/platform/deploy';
import { type Deployed, PlatformOutputs } from '../../local/platform/platform';
import { synthesise } from '../../local/platform/synthesise';
import { drop } from '../../local/run/drop';
import { followAll } from '../../local/run/follow';
import { scratchFolder } from './support/command';
import { jsonLines, review } from './support/running';

/** Each costs two job runs of this machine; BURST_FILES=50 shows what the suite has no time for. */
const FILES = Number(process.env.BURST_FILES ?? 20);

/** What real accounts answer to a burst: more starts of jobs than this a second are refused. Waits are shortened twentyfold. */
const THROTTLED = ['--glue-starts-per-second', '5', '--wait-scale', '0.05', '--job-slots', '4'];

describe('a burst of files in single mode, while Glue throttles', () => {
  const scratch = scratchFolder();
  let server: LaunchedServer;
  let platform: Deployed;

  beforeAll(async () => {
    server = await launchAws({ state: join(scratch.path, 'aws'), options: THROTTLED });
    const aws = awsClients(await server.endpoint);
    const { whole } = await deploy(aws, await synthesise('dev'));
    platform = { aws, outputs: PlatformOutputs.parse(await whole) };
  });
  afterAll(async () => {
    await server?.stop();
    scratch[Symbol.dispose]();
  });

  it(`publishes all ${FILES} files, fails none and alerts nobody`, async () => {
    const { aws, outputs } = platform;
    const dropped = await Promise.all(
      Array.from({ length: FILES }, (_, number) => {
        const path = join(scratch.path, `${number}.jsonl`);
        writeFileSync(path, jsonLines([review(`r${number}`)]));
        return drop(platform, { path, key: `reviews/native/${number}.jsonl` });
      }),
    );
    const results = await followAll(platform, dropped);
    expect(results.map(({ status }) => status)).toEqual(new Array(FILES).fill('PUBLISHED'));

    const stateMachineArn = outputs.ReviewIntakeStateMachineArn;
    const { executions = [] } = await aws.sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 1000 }));
    expect(executions.map(({ status }) => status)).toEqual(new Array(FILES).fill('SUCCEEDED'));

    const seen = { errors: new Set<string>(), states: new Set<string>() };
    for (const { executionArn = '' } of executions) {
      for await (const { events = [] } of paginateGetExecutionHistory({ client: aws.sfn }, { executionArn })) {
        for (const event of events) {
          if (event.taskFailedEventDetails?.error) seen.errors.add(event.taskFailedEventDetails.error);
          if (event.stateEnteredEventDetails?.name) seen.states.add(event.stateEnteredEventDetails.name);
        }
      }
    }
    // Glue did throttle, and by nothing else did a task fail.
    expect([...seen.errors]).toEqual(['Glue.AWSGlueException']);
    expect([...seen.states]).not.toContain('Alert on-call');
  });
});
