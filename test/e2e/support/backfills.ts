import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { execa } from 'execa';
import { ROOT } from '../../../local/paths';
import { clientOptions } from '../../../local/platform/aws-clients';
import type { Platform } from '../../../local/platform/platform';

const RULE = { Name: 'reviews-local-object-created' };

/** The longest that a backfill works on before it is killed (milliseconds). */
const MAX_PAUSE_MS = 300;

/** Has something put into the raw bucket as it was before there was an intake. */
export async function withoutIntake({ endpoint }: Platform, put: () => Promise<unknown>): Promise<void> {
  const eventBridge = new EventBridgeClient(clientOptions(endpoint));
  await eventBridge.send(new DisableRuleCommand(RULE));
  await put();
  await eventBridge.send(new EnableRuleCommand(RULE));
}

/** A backfill in a process of its own. */
export const startBackfill = ({ endpoint }: Platform, prefix: string) =>
  execa(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'backfill-process.ts'), endpoint, prefix], {
    cwd: ROOT,
    all: true,
  });

/** A backfill that is killed at a moment that nobody chose, after it has started an execution; returns what it had said. */
export async function killedBackfill(platform: Platform, prefix: string): Promise<string> {
  const running = startBackfill(platform, prefix);
  const ended = running.catch((error) => error as Awaited<typeof running>);
  await Promise.race([once(running.stdout, 'data'), ended]);
  await sleep(Math.random() * MAX_PAUSE_MS);
  running.kill('SIGKILL');
  const { signal, all } = await ended;
  if (signal !== 'SIGKILL') throw new Error(`The backfill was to be killed, and ended before:\n${all}`);
  return all;
}
