import { GetExecutionHistoryCommand, type HistoryEvent, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { batchOf } from '../lib/functions/ledger/identity';
import { currentState } from '../local/run/executions';
import type { Deployment } from './deployment';

/** An execution of the review intake. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Batch that its files are in. */
  readonly batchId: string;
  /** The current state; null if the execution has ended. */
  readonly state: string | null;
}

/** A state that an execution entered. */
export interface ExecutionState {
  readonly name: string;
  readonly enteredAt: Date;
  /** Null while the execution is in it, or if it failed in it. */
  readonly leftAt: Date | null;
}

/** The newest executions of the review intake, the newest first. */
export async function newestExecutions({ sfn, outputs }: Deployment, limit: number): Promise<Execution[]> {
  const { executions = [] } = await sfn.send(
    new ListExecutionsCommand({ stateMachineArn: outputs.ReviewIntakeStateMachineArn, maxResults: limit }),
  );
  const found = executions.map(async ({ executionArn: arn = '', name = '', status = '', startDate, stopDate }) => {
    const startedAt = startDate ?? new Date();
    return {
      ...{ arn, name, status, startedAt, endedAt: stopDate ?? null },
      batchId: batchOf({ arn, startTime: startedAt.toISOString() }).id,
      state: status === 'RUNNING' ? await currentState(sfn, arn) : null,
    };
  });
  return (await Promise.all(found)).sort((one, other) => Number(other.startedAt) - Number(one.startedAt));
}

/** The states that an execution entered, in the order of its history. */
export async function statesOf({ sfn }: Deployment, executionArn: string): Promise<ExecutionState[]> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, includeExecutionData: false }),
  );
  return statesIn(events);
}

/** States by the events of a history: a state ends with the next exit event under its name. */
export function statesIn(events: readonly HistoryEvent[]): ExecutionState[] {
  return events.flatMap((event, index) => {
    const name = event.stateEnteredEventDetails?.name;
    if (!name || !event.timestamp) return [];
    const left = events.slice(index).find(({ stateExitedEventDetails }) => stateExitedEventDetails?.name === name);
    return [{ name, enteredAt: event.timestamp, leftAt: left?.timestamp ?? null }];
  });
}
