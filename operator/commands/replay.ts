import { type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import { arrivalOfEntry } from '../../lib/functions/ledger/ledger';
import type { Deployment } from '../deployment';
import { filesByStatus, newestVersion, reasonOf, rowsOfBatch } from '../ledger-queries';
import { OperatorError } from '../operator-error';
import { divided, FILES_PER_EXECUTION, startForVersions, startReplacement } from '../start-executions';
import { json } from '../text';

interface ReplayOptions {
  readonly failed?: true;
  readonly quarantined?: true;
  readonly rejected?: true;
  /** Reason of the files with `quarantined`, of the records with `rejected`. */
  readonly reason?: string;
  readonly since: Date;
  readonly dryRun?: true;
  readonly json?: true;
}

/** What will be processed again, and how. */
interface Plan {
  /** Files of which nothing is published: each is claimed alone. */
  readonly single: readonly LedgerEntry[];
  /** Batches with outcomes, by id, with all their files: each batch is replaced as a whole. */
  readonly batches: ReadonlyMap<string, readonly LedgerEntry[]>;
}

/** Files whose records were rejected for a reason, whatever happened to the others. */
async function withRejects(deployment: Deployment, { since, reason }: ReplayOptions): Promise<LedgerEntry[]> {
  const found = await filesByStatus(deployment, { since, statuses: ['PUBLISHED', 'REJECTED', 'QUARANTINED'] });
  return found.filter(({ records_rejected = 0, rejected_by_reason = {} }) =>
    reason === undefined ? records_rejected > 0 : (rejected_by_reason[reason] ?? 0) > 0,
  );
}

async function chosen(deployment: Deployment, keys: readonly string[], options: ReplayOptions): Promise<LedgerEntry[]> {
  const { failed, quarantined, rejected, reason, since } = options;
  if ([keys.length > 0, failed, quarantined, rejected].filter(Boolean).length !== 1) {
    throw new OperatorError(
      'Say which files to process again.',
      'Give their keys, or one of --failed, --quarantined and --rejected.',
    );
  }
  if (failed) return filesByStatus(deployment, { since, statuses: ['FAILED'] });
  if (quarantined) {
    const found = await filesByStatus(deployment, { since, statuses: ['QUARANTINED'] });
    return found.filter((entry) => reason === undefined || entry.reason === reason);
  }
  if (rejected) return withRejects(deployment, options);
  const newest = await Promise.all(keys.map((key) => newestVersion(deployment, key)));
  const open = newest.filter(
    ({ status }) => status === 'RECEIVED' || status === 'PROCESSING' || status === 'DUPLICATE' || status === 'ERASED',
  );
  if (open.length > 0) {
    const names = open.map((entry) => `${objectVersionOf(entry).key} (${entry.status})`).join(', ');
    throw new OperatorError(
      `What is under way, a duplicate or erased cannot be processed again: ${names}.`,
      'Wait for its end; of a file that is stuck: reconcile --repair.',
    );
  }
  return newest;
}

async function planOf(deployment: Deployment, entries: readonly LedgerEntry[]): Promise<Plan> {
  const hasRows = ({ records_read, status }: LedgerEntry) => records_read !== undefined && status !== 'FAILED';
  const ids = new Set(entries.filter(hasRows).map(({ batch_id }) => batch_id));
  const batches = new Map<string, LedgerEntry[]>();
  for (const id of ids) batches.set(id, (await rowsOfBatch(deployment, id)).filter(hasRows));
  return { single: entries.filter((entry) => !hasRows(entry)), batches };
}

const lineOf = (entry: LedgerEntry): string => {
  const { key } = objectVersionOf(entry);
  return `  ${key}: ${entry.status === 'PUBLISHED' ? 'PUBLISHED' : reasonOf(entry)}`;
};

function described({ single, batches }: Plan): string[] {
  return [
    ...single.map(lineOf),
    ...[...batches].flatMap(([id, files]) => [
      `batch ${id}, which is replaced as a whole when its new outcome is known (${files.length} files):`,
      ...files.map(lineOf),
    ]),
  ];
}

/**
 * Processes files again, after the cause is fixed. A file of which nothing is published is claimed alone; a published file is processed
 * with its whole batch, and readers see the earlier outcome until the new one replaces it.
 */
export async function replay(deployment: Deployment, keys: readonly string[], options: ReplayOptions): Promise<string> {
  const plan = await planOf(deployment, await chosen(deployment, keys, options));
  const files = plan.single.length + [...plan.batches.values()].flat().length;
  if (files === 0) return options.json ? json({ files, executions: [] }) : nothing(options);
  const executions: string[] = [];
  if (!options.dryRun) {
    for (const versions of divided(plan.single.map(arrivalOfEntry), FILES_PER_EXECUTION)) {
      executions.push(await startForVersions(deployment, versions, { trigger: 'replay', again: true }));
    }
    for (const id of plan.batches.keys()) executions.push(await startReplacement(deployment, id, 'replay'));
  }
  if (options.json) return json({ files, batches: [...plan.batches.keys()], executions });
  return options.dryRun
    ? [`${files} files would be processed again:`, ...described(plan)].join('\n')
    : [
        `${files} files are processed again:`,
        ...described(plan),
        'Executions:',
        ...executions.map((arn) => `  ${arn}`),
        'Follow them with: status',
      ].join('\n');
}

function nothing({ quarantined, rejected, reason }: ReplayOptions): string {
  const why = reason ? ` for ${reason}` : '';
  if (rejected) return `No file has rejected records${why}: there is nothing to process again.`;
  return `No file is ${quarantined ? 'QUARANTINED' : 'FAILED'}${why}: there is nothing to process again.`;
}
