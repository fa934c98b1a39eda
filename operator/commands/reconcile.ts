import type { Deployment } from '../deployment';
import { disagreements, type Finding, isRepairable, KINDS } from '../reconcile/findings';
import { repair, whenEnded } from '../reconcile/repair';
import { type PlatformState, stateOf } from '../reconcile/state';
import { json } from '../text';

interface ReconcileOptions {
  readonly repair?: true;
  /** A file counts as missed when the ledger does not know it after this time (minutes). */
  readonly grace: number;
  readonly json?: true;
}

/** Differences of one kind that the text shows; --json has them all. */
const MAX_SHOWN = 10;

/** One repair may reveal the next: files of a stuck execution first become FAILED, and are then processed. */
const MAX_ROUNDS = 3;

function compared({ versions, entries, batches, warehouse, fetched }: PlatformState): string {
  const parts = [
    `${versions.length} versions in the raw bucket`,
    `${entries.length} rows of the ledger`,
    `${batches.length} published batches`,
    warehouse ? `${warehouse.size} batches in Snowflake` : 'Snowflake not compared (no warehouse, or no login to it)',
    ...(fetched.length > 0 ? [`${fetched.length} lists of connectors`] : []),
  ];
  return `Compared: ${parts.join(', ')}.`;
}

function described(findings: readonly Finding[]): string[] {
  return [...Map.groupBy(findings, ({ kind }) => kind)].flatMap(([kind, found]) => [
    `${kind}: ${found.length} ${KINDS[kind]}`,
    ...found.slice(0, MAX_SHOWN).map(({ detail }) => `  ${detail}`),
    ...(found.length > MAX_SHOWN ? [`  … and ${found.length - MAX_SHOWN} more: --json`] : []),
  ]);
}

function advice(left: readonly Finding[], repaired = false): string {
  if (left.length === 0) return 'All agrees.';
  if (repaired) return 'Not all could be repaired.';
  return left.some(isRepairable) ? 'Repair it with: reconcile --repair' : 'No repair does this: see above what to do.';
}

/**
 * Compares what connectors have fetched, the raw bucket, the ledger, the published tables and Snowflake, and repairs the differences that it can.
 *
 * @returns the text, and whether all agrees in the end
 */
export async function reconcile(
  deployment: Deployment,
  options: ReconcileOptions,
): Promise<{ text: string; agrees: boolean }> {
  const graceMs = options.grace * 60_000;
  let state = await stateOf(deployment);
  const before = disagreements(state, graceMs);
  let left = before;
  const started: string[] = [];
  for (let round = 0; options.repair && left.some(isRepairable) && round < MAX_ROUNDS; round += 1) {
    const executions = await repair(deployment, left);
    started.push(...executions);
    await whenEnded(deployment, executions);
    state = await stateOf(deployment);
    left = disagreements(state, graceMs);
  }
  const failed = state.entries.filter(({ status }) => status === 'FAILED').length;
  const agrees = left.length === 0;
  if (options.json) return { text: json({ agrees, found: before, left, started, failed }), agrees };
  const text = [
    compared(state),
    ...described(before),
    ...(started.length > 0 ? ['Executions started for the repair:', ...started.map((arn) => `  ${arn}`)] : []),
    ...(options.repair && left.length > 0 ? ['Still so after the repair:', ...described(left)] : []),
    ...(failed > 0 ? [`${failed} files are FAILED, and the ledger says why: replay --failed`] : []),
    advice(left, options.repair),
  ].join('\n');
  return { text, agrees };
}
