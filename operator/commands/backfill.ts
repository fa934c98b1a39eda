import { setTimeout as sleep } from 'node:timers/promises';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import { fileId } from '../../lib/functions/ledger/identity';
import type { Arrival } from '../../lib/functions/ledger/ledger';
import { runsOfExecution } from '../costs/estimate';
import type { Deployment } from '../deployment';
import { filesByStatus } from '../ledger-queries';
import { OperatorError } from '../operator-error';
import { whenEnded } from '../reconcile/repair';
import { rawVersions } from '../reconcile/state';
import { divided, startForVersions } from '../start-executions';
import { json } from '../text';
import type { Watching } from '../watching';

interface BackfillOptions {
  readonly prefix: string;
  readonly from?: Date;
  readonly to?: Date;
  readonly filesPerBatch: number;
  readonly maxRunning: number;
  readonly json?: true;
}

/** How the command talks to the person who runs it. */
export interface Attendant {
  /** Shows what is about to happen and asks for permission. */
  readonly agree: (plan: string) => Promise<boolean>;
  /** Runs long work and shows its progress. */
  readonly watching: Watching;
}

const POLL_MS = 2_000;
/** Shortest time of an execution (minutes): Glue starts two job runs. */
const MINUTES_PER_EXECUTION = 3;
const BYTES_OF_MEBIBYTE = 1024 ** 2;

/** Object versions that the ledger does not know, the oldest first: the later of two versions is then published last. */
async function unknownVersions(deployment: Deployment, { prefix, from, to }: BackfillOptions): Promise<Arrival[]> {
  if (!prefix.startsWith(REVIEWS_PREFIX)) {
    throw new OperatorError(
      `--prefix ${prefix} is not below ${REVIEWS_PREFIX}, where the intake takes files from.`,
      `Copy the objects there first, or give a prefix such as ${REVIEWS_PREFIX}native/2024/.`,
    );
  }
  const [versions, entries] = await Promise.all([
    rawVersions(deployment, prefix),
    filesByStatus(deployment, { since: new Date(0) }),
  ]);
  const known = new Set(entries.map(({ file_id }) => file_id));
  return versions
    .filter((version) => {
      const at = Date.parse(version.arrivedAt);
      return !known.has(fileId(version)) && at >= Number(from ?? 0) && at < Number(to ?? Number.POSITIVE_INFINITY);
    })
    .sort((a, b) => a.arrivedAt.localeCompare(b.arrivedAt));
}

const mebibytesOf = (versions: readonly Arrival[]): number =>
  versions.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0) / BYTES_OF_MEBIBYTE;

function planOf(lists: readonly (readonly Arrival[])[], { maxRunning }: BackfillOptions) {
  const versions = lists.flat();
  return {
    objects: versions.length,
    mebibytes: Number(mebibytesOf(versions).toFixed(1)),
    executions: lists.length,
    usd: Number(lists.reduce((sum, list) => sum + runsOfExecution(mebibytesOf(list)), 0).toFixed(2)),
    minutes: Math.ceil(lists.length / maxRunning) * MINUTES_PER_EXECUTION,
  };
}

const described = (plan: ReturnType<typeof planOf>): string =>
  `${plan.objects} objects, ${plan.mebibytes} MiB, in ${plan.executions} executions: about $${plan.usd.toFixed(2)} of Glue and ${plan.minutes} minutes.`;

/** Waits until fewer executions run than are allowed. */
async function room({ sfn, outputs }: Deployment, maxRunning: number): Promise<void> {
  for (;;) {
    const { executions = [] } = await sfn.send(
      new ListExecutionsCommand({
        stateMachineArn: outputs.ReviewIntakeStateMachineArn,
        statusFilter: 'RUNNING',
        maxResults: maxRunning,
      }),
    );
    if (executions.length < maxRunning) return;
    await sleep(POLL_MS);
  }
}

/**
 * Processes objects that were in the raw bucket before the intake was deployed. It can be stopped at any point and run again: files that
 * the ledger knows are skipped, and a file that two executions announce is claimed by one of them.
 */
export async function backfill(
  deployment: Deployment,
  options: BackfillOptions,
  { agree, watching }: Attendant,
): Promise<string> {
  const lists = divided(await unknownVersions(deployment, options), options.filesPerBatch);
  const plan = planOf(lists, options);
  if (lists.length === 0) {
    return options.json ? json(plan) : `Nothing to do: the ledger knows every object below ${options.prefix}.`;
  }
  if (!(await agree(described(plan)))) {
    throw new OperatorError('Nothing was started.', 'Run it again and agree, or give --yes.');
  }
  const started = await watching('Backfill', async (say) => {
    const executions: string[] = [];
    let objects = 0;
    for (const versions of lists) {
      await room(deployment, options.maxRunning);
      executions.push(await startForVersions(deployment, versions, { trigger: 'backfill' }));
      objects += versions.length;
      say(`${executions.length} of ${lists.length} executions started, ${objects} of ${plan.objects} objects`);
    }
    await whenEnded(deployment, executions);
    return executions;
  });
  if (options.json) return json({ ...plan, started });
  return `${plan.objects} objects were taken by ${started.length} executions. To see what happened to them: files --since 1h`;
}
