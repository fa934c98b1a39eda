import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { exportTables } from '../../../local/run/tables';
import { rowsOf } from './parquet';
import type { RunningPlatform } from './running';

/** Ids of all published reviews, or of those of one source, each as often as it is published: read from the files, which know nothing of the ledger. */
export async function publishedIds({ folder, platform }: RunningPlatform, of?: string): Promise<string[]> {
  const exported = mkdtempSync(join(folder, 'exported-'));
  await exportTables(platform, exported);
  if (!existsSync(join(exported, 'reviews'))) return [];
  const columns = ['source', 'review_id'];
  const reviews = await rowsOf<{ source: string; review_id: string }>(exported, 'reviews', columns);
  return reviews.flatMap(({ source, review_id }) => (of === undefined || source === of ? review_id : [])).sort();
}
