import { tables } from '../../lib/contracts/tables';
import { type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import { recordAudit } from '../audit';
import type { Deployment } from '../deployment';
import { newestVersion } from '../ledger-queries';
import type { Row } from '../parquet-objects';
import { publishedRows } from '../published-rows';
import { json } from '../text';

interface RejectsOptions {
  readonly reason?: string;
  readonly limit: number;
  readonly showPersonalData?: true;
  readonly json?: true;
}

const SHOWN = ['record_number', 'reason', 'reasons', 'details', 'record_bytes', 'record'] as const;

/** Columns that may hold personal data, by the table's contract. */
const PERSONAL = new Set(tables.rejected_records.columns.filter(({ pii }) => pii !== 'none').map(({ name }) => name));

/** Shows the rejected records of the newest version of a file, with every reason. */
export async function rejects(deployment: Deployment, key: string, options: RejectsOptions): Promise<string> {
  const entry = await newestVersion(deployment, key);
  const { limit, reason, showPersonalData } = options;
  // The record comes first: no personal data is shown without it.
  if (showPersonalData) await recordAudit(deployment, 'personal-data', { action: 'rejects', key });
  const wanted = (await rejectedRecords(deployment, entry)).filter(
    (row) => reason === undefined || (row.reasons as string[]).includes(reason),
  );
  const shown = wanted.slice(0, limit).map((row) => (showPersonalData ? row : masked(row)));
  if (options.json) return json(shown);
  if (shown.length === 0)
    return `No record of ${objectVersionOf(entry).key} was rejected${reason ? ` for ${reason}` : ''}.`;
  const left = wanted.length - shown.length;
  return [
    ...shown.map(describe),
    ...(left > 0 ? [`… and ${left} more: --limit ${wanted.length}`] : []),
    ...(showPersonalData
      ? []
      : ['What was found may be personal data and is hidden; --show-personal-data shows it, and that is recorded.']),
  ].join('\n');
}

/** Rejected records of a file version, in the order of the file; they may hold personal data. */
export async function rejectedRecords(deployment: Deployment, entry: LedgerEntry): Promise<Row[]> {
  const rows = await publishedRows(deployment, 'rejected_records', entry, SHOWN);
  return rows.sort((a, b) => Number(a.record_number) - Number(b.record_number));
}

/** A rejected record with masks in place of personal data. */
export const masked = (row: Row): Row =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !PERSONAL.has(name)));

function describe(row: Row): string {
  const details = (row.details as (string | null)[] | undefined) ?? [];
  const reasons = (row.reasons as string[]).map(
    (code, index) => `${code}${details[index] ? ` (${details[index]})` : ''}`,
  );
  const record = row.record === undefined ? '' : `\n    ${row.record ?? '(not text: see record_base64)'}`;
  return `#${row.record_number}  ${row.record_bytes} bytes  ${reasons.join(', ')}${record}`;
}
