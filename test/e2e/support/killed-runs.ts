import { GetExecutionHistoryCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { LocalConnectors } from '../../../local/platform/platform';
import { killFunctionWhen } from './kills';
import { tellApis } from './local-apis';
import { ended, type RunningPlatform } from './running';

/** What can be seen of a connector's work from outside. */
interface Progress {
  /** Writes to the ledger: two for an object that is stored, one before it and one after it. */
  readonly notes: number;
  /** Objects that it counts as stored, and whether it is about to store another one. */
  readonly stored: number;
  readonly storing: boolean;
  /** Calls of the APIs so far. */
  readonly calls: number;
}

/** A moment of a run, by what has happened since the run was started. */
export type Moment = (now: Progress, start: Progress) => boolean;

/** It has read pages, and stored nothing of them. */
export const READING: Moment = (now, start) => now.calls >= start.calls + 3;

/** It is about to store an object, or has just done so: the ledger knows its name. */
export const STORING: Moment = (now, start) => now.notes > start.notes;

/** It has stored an object, and reads on. */
export const READING_ON: Moment = (now, start) => now.stored > start.stored && !now.storing;

const Lists = z.array(
  z.object({
    revision: z.number(),
    state: z.object({ figures: z.string() }),
    pending: z.object({ key: z.string() }).optional(),
  }),
);

async function progressOf({ platform }: RunningPlatform, local: LocalConnectors, connector: string): Promise<Progress> {
  const { aws, outputs } = platform;
  const [{ Items }, calls] = await Promise.all([
    aws.dynamoDb.send(
      new QueryCommand({
        TableName: outputs.LedgerTableName,
        KeyConditionExpression: '#object = :object',
        ProjectionExpression: 'revision, #state.figures, pending.#key',
        ExpressionAttributeNames: { '#object': 'object', '#state': 'state', '#key': 'key' },
        ExpressionAttributeValues: { ':object': `connector:${connector}` },
        ConsistentRead: true,
      }),
    ),
    local.sources.apis ? (await tellApis(local)).calls : 0,
  ]);
  // Beside the lists there are pieces of long ones, which have no state.
  const lists = Lists.parse((Items ?? []).filter((item) => 'state' in item));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    notes: sum(lists.map(({ revision }) => revision)),
    stored: sum(lists.map(({ state }) => JSON.parse(state.figures).sequence)),
    storing: lists.some(({ pending }) => pending !== undefined),
    calls,
  };
}

/**
 * Runs a connector and kills its process at each of the moments, which come one after the other: the next process finds what the
 * one before it has left behind.
 *
 * @returns how the run ended, and the errors with which its calls of the function did
 */
export async function runKilled(
  running: RunningPlatform,
  local: LocalConnectors,
  connector: string,
  moments: readonly Moment[],
): Promise<{ readonly status: string; readonly errors: readonly string[] }> {
  const { aws } = running.platform;
  const progress = () => progressOf(running, local, connector);
  const start = await progress();
  const stateMachineArn = `${local.stateMachines}${connector}`;
  const { executionArn = '' } = await aws.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  const over = ended(running.platform, executionArn);
  for (const moment of moments) {
    await killFunctionWhen(running, `connector-${connector}`, async () => moment(await progress(), start), over);
  }
  const { status = '' } = await over;
  const { events = [] } = await aws.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  const errors = events.flatMap(
    (event) => event.taskFailedEventDetails?.error ?? event.lambdaFunctionFailedEventDetails?.error ?? [],
  );
  return { status, errors };
}
