import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { S3Event } from '../../lib/contracts/object-event';
import { type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import type { Deployment } from '../deployment';
import { filesByStatus, newestVersion, reasonOf } from '../ledger-queries';
import { OperatorError } from '../operator-error';

/** Files of one execution: their events stay far below the 256 KiB of an execution's input (AWS Step Functions, "Quotas"). */
const FILES_PER_EXECUTION = 100;

interface ReplayOptions {
  readonly failed?: true;
  readonly since: Date;
  readonly dryRun?: true;
}

/** The event that announced the object version, as far as the intake reads it. */
function eventOf(entry: LedgerEntry): S3Event {
  const { bucket, key, versionId } = objectVersionOf(entry);
  const object = { key, 'version-id': versionId, ...(entry.size_bytes !== undefined && { size: entry.size_bytes }) };
  return {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: entry.arrived_at,
    detail: { bucket: { name: bucket }, object: { ...object, ...(entry.etag && { etag: entry.etag }) } },
  };
}

async function chosen(
  deployment: Deployment,
  keys: readonly string[],
  { failed, since }: ReplayOptions,
): Promise<LedgerEntry[]> {
  if (keys.length > 0 === Boolean(failed)) {
    throw new OperatorError(
      'Say which files to process again.',
      'Give their keys, or --failed for all that are FAILED.',
    );
  }
  if (failed) return filesByStatus(deployment, { since, statuses: ['FAILED'] });
  const newest = await Promise.all(keys.map((key) => newestVersion(deployment, key)));
  const others = newest.filter(({ status }) => status !== 'FAILED');
  if (others.length > 0) {
    const names = others.map((entry) => `${objectVersionOf(entry).key} (${entry.status})`).join(', ');
    throw new OperatorError(
      `Only files that are FAILED can be processed again; not: ${names}.`,
      'Put a corrected file under the same key: it is processed as a new version.',
    );
  }
  return newest;
}

/** Starts executions that process FAILED files again; what is published meanwhile is left alone. */
export async function replay(deployment: Deployment, keys: readonly string[], options: ReplayOptions): Promise<string> {
  const entries = await chosen(deployment, keys, options);
  if (entries.length === 0) return 'No file is FAILED: there is nothing to process again.';
  const lines = entries.map((entry) => `  ${objectVersionOf(entry).key}: ${reasonOf(entry)}`);
  if (options.dryRun) return [`${entries.length} files would be processed again:`, ...lines].join('\n');
  const started: string[] = [];
  for (let first = 0; first < entries.length; first += FILES_PER_EXECUTION) {
    const events = entries.slice(first, first + FILES_PER_EXECUTION).map(eventOf);
    const { executionArn = '' } = await deployment.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: deployment.outputs.ReviewIntakeStateMachineArn,
        input: JSON.stringify({ events }),
      }),
    );
    started.push(executionArn);
  }
  return [
    `${entries.length} files are processed again:`,
    ...lines,
    'Executions:',
    ...started.map((arn) => `  ${arn}`),
  ].join('\n');
}
