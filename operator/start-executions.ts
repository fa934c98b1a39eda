import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { S3Event } from '../lib/contracts/object-event';
import type { Arrival } from '../lib/functions/ledger/ledger';
import type { Trigger } from '../lib/functions/register-files/arrivals';
import type { Deployment } from './deployment';

/** Files per execution by default: a run of the jobs and the console's view of it can take this many. */
export const FILES_PER_EXECUTION = 100;

/** Step Functions takes inputs of at most 256 KiB (AWS Step Functions Developer Guide, "Quotas"); the rest is for the brackets. */
const MAX_EVENTS_BYTES = 250 * 1024;

/** The event that announced the object version, as far as the intake reads it. */
function eventOf({ bucket, key, versionId, sizeBytes, etag, arrivedAt }: Arrival): S3Event {
  const object = { key, 'version-id': versionId, ...(sizeBytes !== undefined && { size: sizeBytes }) };
  return {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    time: arrivedAt,
    detail: { bucket: { name: bucket }, object: { ...object, ...(etag && { etag }) } },
  };
}

/** Divides object versions into lists for executions, bounded by their number and by the size of an execution's input. */
export function divided(arrivals: readonly Arrival[], filesPerExecution: number): Arrival[][] {
  const lists: Arrival[][] = [];
  let room = 0;
  for (const arrival of arrivals) {
    const bytes = Buffer.byteLength(JSON.stringify(eventOf(arrival))) + 1;
    const last = lists.at(-1);
    if (!last || bytes > room || last.length >= filesPerExecution) {
      lists.push([arrival]);
      room = MAX_EVENTS_BYTES - bytes;
    } else {
      last.push(arrival);
      room -= bytes;
    }
  }
  return lists;
}

async function start({ sfn, outputs }: Deployment, input: object): Promise<string> {
  const stateMachineArn = outputs.ReviewIntakeStateMachineArn;
  const { executionArn = '' } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return executionArn;
}

/**
 * Starts one execution for object versions. The ledger gives each version to one execution only, even if others announce it too.
 *
 * @param again whether versions that ended at registration are processed, too
 */
export const startForVersions = (
  deployment: Deployment,
  arrivals: readonly Arrival[],
  { trigger, again = false }: { trigger: Trigger; again?: boolean },
): Promise<string> =>
  start(deployment, { events: arrivals.map(eventOf), triggeredBy: trigger, ...(again && { again }) });

/** Starts an execution that processes all files of a batch again and replaces what the batch published. */
export const startReplacement = (deployment: Deployment, batchId: string, trigger: Trigger): Promise<string> =>
  start(deployment, { replace: { batchId }, triggeredBy: trigger });
