import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { exportTables } from '../../../local/run/tables';
import { rowsOf } from './parquet';
import type { RunningPlatform } from './running';

/** Ids of all published reviews, each as often as it is published: read from the files, which know nothing of the ledger. */
export async function publishedIds({ folder, platform }: RunningPlatform): Promise<string[]> {
  const exported = mkdtempSync(join(folder, 'exported-'));
  await exportTables(platform, exported);
  if (!existsSync(join(exported, 'reviews'))) return [];
  return (await rowsOf<{ review_id: string }>(exported, 'reviews')).map(({ review_id }) => review_id).sort();
}
