import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import type { Deployed } from '../platform/platform';
import type { DroppedFile } from './drop';

/** How often the ledger is asked (milliseconds). */
const POLL_MS = 250;

/** A dropped file that no execution has claimed by then has been lost on the way (seconds). */
const CLAIM_SECONDS = 90;

/** How long the ledger may lag behind an execution that has ended (seconds). */
const LAG_SECONDS = 20;

/** What this edition reads of a ledger row. */
const LedgerRow = z.object({
  status: z.string(),
  source: z.string().optional(),
  reason: z.string().optional(),
  detail: z.string().optional(),
  execution_arn: z.string(),
  records_read: z.number().default(0),
  records_published: z.number().default(0),
  records_duplicate: z.number().default(0),
  rejected_by_reason: z.record(z.string(), z.number()).default({}),
});
type LedgerRow = z.infer<typeof LedgerRow>;

/** States a file does not leave. */
const TERMINAL = new Set(['PUBLISHED', 'EMPTY', 'QUARANTINED', 'FAILED', 'DUPLICATE']);

/** What became of one dropped file; the form in which `--report` writes it. */
export interface FileResult {
  readonly path: string;
  readonly name: string;
  readonly source: string | null;
  /** Terminal status of the ledger, or LOST where no execution ever claimed the file. */
  readonly status: string;
  readonly reason: string | null;
  readonly recordsRead: number;
  readonly published: number;
  readonly duplicates: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly executionArn: string | null;
  readonly executionStatus: string | null;
  /** From the drop to the terminal status. */
  readonly seconds: number;
}

const secondsSince = (milliseconds: number): number => (Date.now() - milliseconds) / 1000;

async function rowOf({ aws, outputs }: Deployed, file: DroppedFile): Promise<LedgerRow | undefined> {
  const { Item } = await aws.dynamoDb.send(
    new GetCommand({
      TableName: outputs.LedgerTableName,
      Key: { object: `${outputs.RawBucketName}/${file.key}`, version_id: file.versionId },
      ConsistentRead: true,
    }),
  );
  return Item && LedgerRow.parse(Item);
}

async function executionStatus({ aws }: Deployed, arn: string): Promise<string> {
  return (await aws.sfn.send(new DescribeExecutionCommand({ executionArn: arn }))).status ?? 'UNKNOWN';
}

/** Name of the state the execution is in. */
async function currentState({ aws }: Deployed, arn: string): Promise<string> {
  const { events = [] } = await aws.sfn.send(
    new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 25 }),
  );
  return events.find((event) => event.stateEnteredEventDetails)?.stateEnteredEventDetails?.name ?? 'starting';
}

function resultOf(file: DroppedFile, row: LedgerRow | undefined, status: string, ended: string | null): FileResult {
  return {
    path: file.path,
    name: file.name,
    source: row?.source ?? null,
    status,
    reason: row?.detail ?? row?.reason ?? null,
    recordsRead: row?.records_read ?? 0,
    published: row?.records_published ?? 0,
    duplicates: row?.records_duplicate ?? 0,
    rejected: row?.rejected_by_reason ?? {},
    executionArn: row?.execution_arn ?? null,
    executionStatus: ended,
    seconds: Math.round(secondsSince(file.droppedAt) * 10) / 10,
  };
}

async function whenEnded(platform: Deployed, arn: string): Promise<string> {
  for (;;) {
    const status = await executionStatus(platform, arn);
    if (status !== 'RUNNING') return status;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/**
 * Follows one dropped file until the ledger says what became of it and its execution has ended.
 *
 * @param onState told the state of the file's execution whenever it is looked at
 */
export async function follow(
  platform: Deployed,
  file: DroppedFile,
  onState: (state: string) => void = () => {},
): Promise<FileResult> {
  let endedAt: number | undefined;
  for (;;) {
    const row = await rowOf(platform, file);
    if (row && TERMINAL.has(row.status)) {
      return resultOf(file, row, row.status, await whenEnded(platform, row.execution_arn));
    }
    if (!row) {
      onState('waiting for an execution');
      if (secondsSince(file.droppedAt) > CLAIM_SECONDS) return resultOf(file, row, 'LOST', null);
    } else {
      const status = await executionStatus(platform, row.execution_arn);
      if (status === 'RUNNING') onState(await currentState(platform, row.execution_arn));
      else endedAt ??= Date.now();
      if (endedAt && secondsSince(endedAt) > LAG_SECONDS) return resultOf(file, row, row.status, status);
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** Whether a file ended as it should: a terminal status, and not FAILED. */
export const endedWell = (result: FileResult): boolean => TERMINAL.has(result.status) && result.status !== 'FAILED';
