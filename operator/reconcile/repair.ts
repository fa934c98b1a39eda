import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { LedgerEntry } from '../../lib/functions/ledger/entry';
import { publishFileEvents } from '../../lib/functions/ledger/file-events';
import { startOfBatch } from '../../lib/functions/ledger/identity';
import { arrivalOfEntry } from '../../lib/functions/ledger/ledger';
import { withdrawBatch } from '../../lib/functions/storage/withdrawal';
import type { Deployment } from '../deployment';
import { rowsOfBatch } from '../ledger-queries';
import { OperatorError } from '../operator-error';
import { divided, FILES_PER_EXECUTION, startForVersions, startReplacement } from '../start-executions';
import type { Finding } from './findings';

const POLL_MS = 1_000;

/**
 * Marks the files of an execution that has ended as FAILED. It calls the function that Step Functions' own report of the end would call:
 * the function removes what the batch may have published, and gives replayed files their earlier outcome back.
 */
async function recordFailure(deployment: Deployment, entry: LedgerEntry): Promise<void> {
  const detail = {
    executionArn: entry.execution_arn,
    status: 'ABORTED',
    startDate: Number(startOfBatch(entry.batch_id)),
    error: 'ExecutionGone',
    cause: 'No execution works on the file any more; reconcile found it.',
  };
  const event = { source: 'aws.states', 'detail-type': 'Step Functions Execution Status Change', detail };
  await call(deployment, 'record-failure', event, `The files of batch ${entry.batch_id} could not be marked FAILED`);
}

/** Registers the files of these batches in the external tables, by the function that does so every hour. */
async function refreshExternalTables(deployment: Deployment, batchIds: readonly string[]): Promise<void> {
  const dates = [...new Set(batchIds.map((id) => startOfBatch(id).toISOString().slice(0, 10)))];
  await call(deployment, 'refresh-external-tables', { dates }, 'The external tables could not be refreshed');
}

/** Calls a function of the environment; if it fails, the error says what could not be done. */
async function call({ lambda, prefix }: Deployment, name: string, event: object, undone: string): Promise<void> {
  const FunctionName = `${prefix}-${name}`;
  const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
  if (FunctionError) {
    throw new OperatorError(
      `${undone}: ${FunctionName} ended with ${FunctionError}.`,
      `Read its log group /aws/lambda/${FunctionName}, and run reconcile --repair again.`,
    );
  }
}

/** Writes the file events of a batch's outcome, if the function was killed before it wrote them. */
async function tell(deployment: Deployment, batchId: string): Promise<void> {
  const rows = (await rowsOfBatch(deployment, batchId)).filter(({ records_read }) => records_read !== undefined);
  const [first] = rows;
  if (!first) return;
  const batch = { id: batchId, ingestDate: first.ingest_date };
  await publishFileEvents(deployment.outputs.ProcessedBucketName, batch, 'outcome', rows, { client: deployment.s3 });
}

const byKind = <Kind extends Finding['kind']>(findings: readonly Finding[], kind: Kind) =>
  findings.filter((finding): finding is Extract<Finding, { kind: Kind }> => finding.kind === kind);

/**
 * Repairs what can be repaired: it removes what is too much, and then processes what is missing.
 *
 * @returns the executions that were started
 */
export async function repair(deployment: Deployment, findings: readonly Finding[]): Promise<string[]> {
  // Before anything is removed: what takes the place of the removed counts by then.
  for (const { batchId } of byKind(findings, 'UNTOLD')) await tell(deployment, batchId);
  for (const { batch } of byKind(findings, 'ORPHANED')) {
    // This asks once more, by another index: nothing may be removed only because an index was late.
    const rows = await rowsOfBatch(deployment, batch.id);
    if (rows.some(({ records_read, status }) => records_read !== undefined && status !== 'FAILED')) continue;
    await withdrawBatch(deployment.outputs.ProcessedBucketName, batch, deployment.s3);
  }
  const stuck = byKind(findings, 'STUCK').map(({ entry }) => entry);
  const batches = new Map(stuck.map((entry) => [entry.batch_id, entry]));
  for (const entry of batches.values()) await recordFailure(deployment, entry);
  // A replay has given its files back: they are published as before.
  const failed = stuck.filter(({ replaces }) => !replaces).map(arrivalOfEntry);
  const missed = byKind(findings, 'MISSED').map(({ version }) => version);

  const started: string[] = [];
  for (const versions of divided([...missed, ...failed], FILES_PER_EXECUTION)) {
    started.push(await startForVersions(deployment, versions, { trigger: 'reconcile' }));
  }
  for (const { batchId } of byKind(findings, 'HALF_PUBLISHED')) {
    started.push(await startReplacement(deployment, batchId, 'reconcile'));
  }
  const unseen = byKind(findings, 'NOT_IN_WAREHOUSE').map(({ batchId }) => batchId);
  if (unseen.length > 0) await refreshExternalTables(deployment, unseen);
  return started;
}

/** Waits until executions have ended, in success or failure: the ledger has the outcome of their files. */
export async function whenEnded({ sfn }: Deployment, executions: readonly string[]): Promise<void> {
  for (const executionArn of executions) {
    for (;;) {
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') break;
      await sleep(POLL_MS);
    }
  }
}
