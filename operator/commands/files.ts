import { executionConsoleLink } from '../../lib/contracts/console-link';
import type { FileStatus } from '../../lib/contracts/outcomes';
import { type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import type { Deployment } from '../deployment';
import { filesByStatus, versionsOf } from '../ledger-queries';
import { publishedRows } from '../published-rows';
import { recordsOf } from '../quality';
import { accounts } from '../records';
import { ago, json, table, utc } from '../text';

interface FilesOptions {
  readonly since: Date;
  readonly limit: number;
  readonly status?: FileStatus;
  readonly source?: string;
  readonly json?: true;
}

const figuresOf = (entry: LedgerEntry): readonly (string | number)[] => [
  entry.records_read ?? '–',
  entry.records_published ?? '–',
  entry.records_duplicate ?? '–',
  entry.records_rejected ?? '–',
];

/** Shows the newest files of the ledger, or the whole history of one file. */
export async function files(deployment: Deployment, key: string | undefined, options: FilesOptions): Promise<string> {
  if (key !== undefined) return life(deployment, key, options);
  const { since, status, source, limit } = options;
  const found = await filesByStatus(deployment, { since, ...(status && { statuses: [status] }) });
  const wanted = found.filter((entry) => source === undefined || entry.source === source);
  const shown = wanted.slice(0, limit);
  if (options.json) return json(shown);
  if (shown.length === 0) return `No such file has changed its state since ${utc(since)}.`;
  const rows = shown.map((entry) => [
    objectVersionOf(entry).key,
    entry.source ?? '–',
    entry.status,
    ...figuresOf(entry),
    ago(entry.updated_at),
    entry.detail ?? entry.reason ?? '',
  ]);
  const left = wanted.length - shown.length;
  return [
    table(['file', 'source', 'status', 'read', 'published', 'duplicates', 'rejected', 'since', 'reason'], rows),
    ...(left > 0 ? [`… and ${left} more: --limit ${wanted.length}`] : []),
  ].join('\n');
}

async function life(deployment: Deployment, key: string, options: FilesOptions): Promise<string> {
  const versions = await versionsOf(deployment, key);
  const lives = await Promise.all(
    versions.map(async (entry) => ({ ...entry, transitions: await transitionsOf(deployment, entry) })),
  );
  return options.json ? json(lives) : lives.map((entry) => describe(deployment, entry)).join('\n\n');
}

/** A state that a file entered. */
export interface Transition {
  readonly status: string;
  readonly at: Date;
  readonly reason: string | null;
}

/** The states that the file passed through in its last execution, in order. */
export async function transitionsOf(deployment: Deployment, entry: LedgerEntry): Promise<Transition[]> {
  const rows = await publishedRows(deployment, 'file_events', entry, ['status', 'occurred_at', 'reason']);
  return rows
    .map(({ status, occurred_at, reason }) => ({
      status: String(status),
      at: occurred_at as Date,
      reason: reason as string | null,
    }))
    .sort((a, b) => Number(a.at) - Number(b.at));
}

function describe(
  { region, environment }: Deployment,
  entry: LedgerEntry & { transitions: readonly Transition[] },
): string {
  const { key, versionId } = objectVersionOf(entry);
  const rejected = Object.entries(entry.rejected_by_reason ?? {}).map(([reason, records]) => `${reason} ${records}`);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['status', `${entry.status}${entry.reason ? ` (${entry.reason})` : ''}`],
    ['reason', entry.detail],
    ['source', entry.source],
    ['bytes', entry.size_bytes?.toString()],
    ['arrived', utc(entry.arrived_at)],
    ['attempt', String(entry.attempt)],
    ['batch', entry.batch_id],
    ['records', entry.records_read === undefined ? undefined : accounts(recordsOf([entry]))],
    ['rejected for', rejected.length > 0 ? rejected.join(', ') : undefined],
    ['execution', entry.execution_arn],
    ['console', environment === 'local' ? undefined : executionConsoleLink(region, entry.execution_arn)],
  ];
  const lines = facts.filter(([, value]) => value !== undefined).map(([name, value]) => `  ${name.padEnd(14)}${value}`);
  const steps = entry.transitions.map(
    ({ status, at, reason }) => `    ${utc(at)}  ${status}${reason ? `: ${reason}` : ''}`,
  );
  return [
    `${key}, version ${versionId}`,
    ...lines,
    ...(steps.length > 0 ? ['  states of its last execution:', ...steps] : []),
  ].join('\n');
}
