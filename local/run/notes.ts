import { join } from 'node:path';
import type { FileResult } from './file-result';

/** More notes than this are not shown: the report has them all. */
const MAX_NOTES = 30;

const REJECTED_RECORDS = 'the table rejected_records: each rejected record with every reason (--export DIR copies it)';

/** Where to look for more of the files with a status, given the folder of the run's state. */
const PLACES: Readonly<Record<string, (folder: string) => string>> = {
  FAILED: (folder) => `the logs of the jobs, ${join(folder, 'aws', 'glue')}`,
  LOST: (folder) => `the log of the local AWS, ${join(folder, 'aws', 'server.log')}`,
  QUARANTINED: () => REJECTED_RECORDS,
  REJECTED: () => REJECTED_RECORDS,
};

const note = ({ status, reason }: FileResult): string => `${status}: ${reason ?? 'the ledger gives no reason.'}`;

/**
 * Why files did not end PUBLISHED, what else is worth knowing about a file, and where to look. What is true of many files is said once.
 *
 * @param folder of the run's state
 */
export function notesOf(files: readonly FileResult[], folder: string): string[] {
  const noted = files.filter(({ status, reason }) => reason || status !== 'PUBLISHED');
  if (noted.length === 0) return [];
  const groups = [...Map.groupBy(noted, note)];
  const lines = groups.slice(0, MAX_NOTES).map(([text, of]) => {
    const others = of.length > 1 ? ` and ${of.length - 1} more` : '';
    return `  ${of[0]?.name}${others}: ${text}`;
  });
  const left = groups.length - lines.length;
  if (left > 0) lines.push(`  … and ${left} others; --report FILE has them all.`);
  const statuses = [...new Set(noted.map(({ status }) => status))].sort();
  const places = statuses.flatMap((status) => {
    const place = PLACES[status]?.(folder);
    return place ? [`  ${status}: ${place}`] : [];
  });
  return [`Notes:\n${lines.join('\n')}`, ...(places.length > 0 ? [`Where to look:\n${places.join('\n')}`] : [])];
}
