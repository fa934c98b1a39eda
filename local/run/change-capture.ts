import { setTimeout as sleep } from 'node:timers/promises';
import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import type { Deployed, LocalChangeCapture } from '../platform/platform';
import { objectsBelow, untilSucceeded } from './connectors';
import type { DroppedFile } from './drop';

const POLL_MS = 200;
const START_SECONDS = 60;

/** Has the task started, as the schedule does; returns when the rows of the table are in the raw bucket. */
export async function startCapture(platform: Deployed, local: LocalChangeCapture): Promise<void> {
  await untilSucceeded(platform, local.stateMachine, 'Change capture');
  for (const deadline = Date.now() + START_SECONDS * 1000; Date.now() < deadline; await sleep(POLL_MS)) {
    if ((await capturedObjects(platform, local)).length > 0) return;
  }
  const state = JSON.stringify(await platform.aws.dms('DescribeReplicationTasks', {}));
  throw new Error(`Nothing was copied in ${START_SECONDS} s. What DMS says of its tasks: ${state}`);
}

/** The files that change capture has stored so far. */
export const capturedObjects = (platform: Deployed, { folder }: LocalChangeCapture): Promise<DroppedFile[]> =>
  objectsBelow(platform, `${REVIEWS_PREFIX}${folder}/`);
