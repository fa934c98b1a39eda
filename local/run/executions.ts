import {
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  paginateListExecutions,
  type SFNClient,
} from '@aws-sdk/client-sfn';
import type { LedgerEntry } from '../../lib/functions/ledger/entry';
import { batchOf } from '../../lib/functions/ledger/identity';
import { LedgerRows } from '../../lib/functions/ledger/ledger-rows';
import type { Deployed } from '../platform/platform';

/** An execution of the review intake. */
export interface IntakeExecution {
  readonly arn: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
}

function executionOf({ executionArn, name, status, startDate, stopDate }: ExecutionListItem): IntakeExecution {
  if (!executionArn || !name || !status || !startDate) throw new Error('ListExecutions gave an incomplete execution.');
  return { arn: executionArn, name, status, startedAt: startDate, endedAt: stopDate };
}

/** All executions of the review intake, the oldest first; one call for every thousand. */
export async function intakeExecutions({ aws, outputs }: Deployed): Promise<IntakeExecution[]> {
  const executions: IntakeExecution[] = [];
  const pages = paginateListExecutions({ client: aws.sfn }, { stateMachineArn: outputs.ReviewIntakeStateMachineArn });
  for await (const page of pages) executions.push(...(page.executions ?? []).map(executionOf));
  return executions.sort((a, b) => Number(a.startedAt) - Number(b.startedAt));
}

/** Name of the state that a running execution is in. */
export async function currentState(sfn: SFNClient, executionArn: string): Promise<string> {
  const { events = [] } = await sfn.send(
    new GetExecutionHistoryCommand({
      executionArn,
      reverseOrder: true,
      maxResults: 25,
      includeExecutionData: false,
    }),
  );
  return events.find((event) => event.stateEnteredEventDetails)?.stateEnteredEventDetails?.name ?? 'starting';
}

/** The ledger's rows of the files that an execution has claimed, read from the index, which may lag behind the table. */
export async function ledgerRowsOf({ aws, outputs }: Deployed, execution: IntakeExecution): Promise<LedgerEntry[]> {
  const { arn, startedAt } = execution;
  return new LedgerRows(outputs.LedgerTableName, aws.dynamoDb).query({
    IndexName: 'by-batch',
    KeyConditionExpression: 'batch_id = :batch',
    ExpressionAttributeValues: { ':batch': batchOf({ arn, startTime: startedAt.toISOString() }).id },
  });
}
