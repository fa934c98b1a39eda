import { type FileStatus, outcomes } from '../../lib/contracts/outcomes';
import type { LedgerEntry } from '../../lib/functions/ledger/entry';
import type { DroppedFile } from './drop';

/** Whether a file does not leave this state. */
export const isTerminal = (status: string): boolean =>
  Object.hasOwn(outcomes.fileStatuses, status) && outcomes.fileStatuses[status as FileStatus].terminal;

/** The outcome of one dropped file; the form in which `--report` writes it. */
export interface FileResult {
  readonly path: string;
  readonly name: string;
  readonly source: string | null;
  /** Terminal status of the ledger, or LOST where no execution ever claimed the file. */
  readonly status: string;
  readonly reason: string | null;
  readonly recordsRead: number;
  readonly published: number;
  readonly duplicates: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly executionArn: string | null;
  readonly executionStatus: string | null;
  /** From the drop to the terminal status. */
  readonly seconds: number;
}

/** States in which nothing of a file is published though it holds readable records. */
const UNPUBLISHED = new Set(['FAILED', 'REJECTED']);

/** Whether a file ended as it should: a terminal status, and neither FAILED nor REJECTED. */
export const endedWell = ({ status }: FileResult): boolean => isTerminal(status) && !UNPUBLISHED.has(status);

/** A sign before the status of a file that somebody should look at: what could not be read, and what did not get through. */
export function signOf(result: FileResult): string {
  if (!endedWell(result)) return '✖ ';
  return result.status === 'QUARANTINED' ? '⚠ ' : '';
}

const secondsFrom = (file: DroppedFile, time: number): number => Math.round((time - file.droppedAt) / 100) / 10;

/** A file that has a terminal status in the ledger. */
export function endedResult(file: DroppedFile, row: LedgerEntry, executionStatus: string): FileResult {
  return {
    path: file.path,
    name: file.name,
    source: row.source ?? null,
    status: row.status,
    reason: row.detail ?? row.reason ?? null,
    recordsRead: row.records_read ?? 0,
    published: row.records_published ?? 0,
    duplicates: row.records_duplicate ?? 0,
    rejected: row.rejected_by_reason ?? {},
    executionArn: row.execution_arn,
    executionStatus,
    seconds: secondsFrom(file, Date.parse(row.updated_at)),
  };
}

/** A file that its execution left behind when it ended. */
export function unsettledResult(file: DroppedFile, row: LedgerEntry, executionStatus: string): FileResult {
  return {
    ...endedResult(file, row, executionStatus),
    reason: `The execution has ended as ${executionStatus}; the ledger still says ${row.status}.`,
    seconds: secondsFrom(file, Date.now()),
  };
}

/** A file that no execution claimed. */
export function lostResult(file: DroppedFile, seconds: number): FileResult {
  return {
    path: file.path,
    name: file.name,
    source: null,
    status: 'LOST',
    reason: `No execution has claimed the file within ${seconds} s.`,
    recordsRead: 0,
    published: 0,
    duplicates: 0,
    rejected: {},
    executionArn: null,
    executionStatus: null,
    seconds: secondsFrom(file, Date.now()),
  };
}
