import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchAws } from '../../../local/platform/aws-process';
import type { LaunchedServer } from '../../../local/platform/child-server';
import { processesNaming, processesWithEnvironment } from './processes';
import type { RunningPlatform } from './running';

/** Options of a local AWS that can be killed and started again. */
export const DURABLE = ['--durable'];

const POLL_MS = 10;

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Kills the local AWS with all that it runs, and starts it again on what it has left. */
export async function restartKilledAws({ folder, platform }: RunningPlatform): Promise<LaunchedServer> {
  const state = join(folder, 'state', 'aws');
  const [pid] = processesNaming('local_aws', state);
  if (pid === undefined) throw new Error(`No local AWS runs on ${state}.`);
  process.kill(pid, 'SIGKILL');
  while (alive(pid)) await sleep(POLL_MS);
  const port = Number(new URL(platform.endpoint).port);
  const server = await launchAws({ state, port, options: DURABLE });
  await server.endpoint;
  return server;
}

/** Processes that run a function. */
const processesOf = ({ folder }: RunningPlatform, name: string): number[] =>
  processesWithEnvironment(folder, `AWS_LAMBDA_FUNCTION_NAME=reviews-local-${name}\0`);

/**
 * Kills the process that runs a function, as soon as the moment for it has come.
 *
 * @param over settles when it is too late
 */
export async function killFunctionWhen(
  running: RunningPlatform,
  name: string,
  hasCome: () => Promise<boolean>,
  over: Promise<unknown>,
): Promise<void> {
  let late = false;
  over.finally(() => {
    late = true;
  });
  while (!late) {
    const [pid] = (await hasCome()) ? processesOf(running, name) : [];
    if (pid !== undefined) {
      process.kill(pid, 'SIGKILL');
      while (processesOf(running, name).includes(pid)) await sleep(POLL_MS);
      return;
    }
  }
  throw new Error(`The function ${name} ended its work before the moment to kill it came.`);
}

/** Kills the processes of functions whenever there are any, until something has happened; returns how many that were. */
export async function killFunctionsUntil(
  running: RunningPlatform,
  functions: readonly string[],
  happened: Promise<unknown>,
): Promise<number> {
  let over = false;
  happened.finally(() => {
    over = true;
  });
  let killed = 0;
  while (!over) {
    for (const name of functions) {
      for (const pid of processesOf(running, name)) {
        process.kill(pid, 'SIGKILL');
        killed += 1;
      }
    }
    await sleep(POLL_MS);
  }
  return killed;
}
