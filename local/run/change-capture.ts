import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import type { Deployed, LocalChangeCapture } from '../platform/platform';
import type { ShopRows } from '../platform/shop-database';
import { objectsBelow, untilSucceeded } from './connectors';
import type { DroppedFile } from './drop';

/** What change capture has brought, and what the table holds at the end. */
export interface Captured {
  readonly rows: ShopRows;
  readonly objects: DroppedFile[];
}

/** Has the task started, as the schedule does, changes the table, and waits until all of it is in the raw bucket. */
export async function capture(
  platform: Deployed,
  { stateMachine, shop, folder }: LocalChangeCapture,
): Promise<Captured> {
  await untilSucceeded(platform, stateMachine, 'Change capture');
  const rows = await shop.change();
  return { rows, objects: await objectsBelow(platform, `${REVIEWS_PREFIX}${folder}/`) };
}
