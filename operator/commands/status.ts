import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { FILE_STATUSES } from '../../lib/contracts/outcomes';
import { countByStatus, type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import { BUCKET_FOLDERS } from '../../lib/orchestration/airflow-names';
import { countsOf, type DbtCounts } from '../../local/run/dbt-results';
import { currentState } from '../../local/run/executions';
import { messagesIn } from '../../local/run/queue-depth';
import type { Deployment } from '../deployment';
import { filesByStatus, reasonOf } from '../ledger-queries';
import { ago, json, table, utc } from '../text';

/** Failures that the text names; the command `files` lists all. */
const MAX_FAILURES = 10;

interface RunningExecution {
  readonly name: string;
  /** State that it is in. */
  readonly state: string;
  readonly startedAt: Date;
}

/** Files that wait for an execution. */
export const RECEIVED_FILES = 'received files';

/** A queue of the environment. */
export interface Queue {
  readonly queue: string;
  /** Messages in it, by SQS's estimate, with those in flight and those that are delayed. */
  readonly messages: number;
}

/** A run of dbt that left its results. */
export interface DbtRun extends DbtCounts {
  readonly endedAt: Date;
}

async function runningExecutions({ sfn, outputs }: Deployment): Promise<RunningExecution[]> {
  const running: RunningExecution[] = [];
  const query = { stateMachineArn: outputs.ReviewIntakeStateMachineArn, statusFilter: 'RUNNING' as const };
  for await (const { executions = [] } of paginateListExecutions({ client: sfn }, query)) {
    for (const { executionArn = '', name = '', startDate = new Date() } of executions) {
      running.push({ name, state: await currentState(sfn, executionArn), startedAt: startDate });
    }
  }
  return running;
}

/** The queues of the environment, and how many messages wait in each. */
export async function queues({ sqs, outputs }: Deployment): Promise<Queue[]> {
  const urls = {
    [RECEIVED_FILES]: outputs.IntakeQueueUrl,
    'dead letters of the intake': outputs.IntakeDeadLetterQueueUrl,
    'dead letters of the processing': outputs.ProcessingDeadLetterQueueUrl,
    'announcements for Airflow': outputs.PublishedQueueUrl,
    'dead letters of the orchestration': outputs.OrchestrationDeadLetterQueueUrl,
  };
  const present = Object.entries(urls).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Promise.all(present.map(async ([queue, url]) => ({ queue, messages: await messagesIn(sqs, url) })));
}

/** The newest run of dbt that left its results; undefined where Airflow has run none. */
export async function lastDbtRun({ s3, outputs }: Deployment): Promise<DbtRun | undefined> {
  if (!outputs.AirflowBucketName) return undefined;
  const place = { Bucket: outputs.AirflowBucketName, Prefix: `${BUCKET_FOLDERS.artifacts}/` };
  let newest: { key: string; endedAt: Date } | undefined;
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, place)) {
    for (const { Key = '', LastModified = new Date(0) } of Contents) {
      if (!Key.endsWith('/run_results.json') || (newest && LastModified <= newest.endedAt)) continue;
      newest = { key: Key, endedAt: LastModified };
    }
  }
  if (!newest) return undefined;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: place.Bucket, Key: newest.key }));
  return { ...countsOf((await Body?.transformToString()) ?? ''), endedAt: newest.endedAt };
}

function filesTable(entries: readonly LedgerEntry[]): string {
  const bySource = Object.entries(Object.groupBy(entries, ({ source }) => source ?? '–')).sort();
  const statuses = FILE_STATUSES.filter((status) => entries.some((entry) => entry.status === status));
  const rows = bySource.map(([source, of = []]) => {
    const counts = countByStatus(of);
    return [source, ...statuses.map((status) => counts[status] ?? 0)];
  });
  return table(['source', ...statuses], rows);
}

function failureLines(failed: readonly LedgerEntry[]): string[] {
  const shown = failed.slice(0, MAX_FAILURES);
  const lines = shown.map((entry) => `  ${ago(entry.updated_at)}: ${objectVersionOf(entry).key}: ${reasonOf(entry)}`);
  const left = failed.length - shown.length;
  return left > 0 ? [...lines, `  … and ${left} more: files --status FAILED`] : lines;
}

/** How many executions run and how many files wait; without a queue no file waits. */
function load({ settings }: Deployment, running: readonly RunningExecution[], waiting: readonly Queue[]): string {
  const files = waiting.find(({ queue }) => queue === RECEIVED_FILES)?.messages ?? 0;
  if (running.length === 0 && files === 0) return 'No execution is running.';
  const { maximumExecutions } = settings.intake;
  const limit = maximumExecutions === undefined ? '' : ` (the intake has at most ${maximumExecutions} run at a time)`;
  return `${running.length} executions running, ${files} files waiting${limit}${running.length > 0 ? ':' : '.'}`;
}

/** What the environment is doing, and whether it is healthy. */
export async function status(deployment: Deployment, options: { since: Date; json?: true }): Promise<string> {
  const [entries, running, waiting, dbt] = await Promise.all([
    filesByStatus(deployment, options),
    runningExecutions(deployment),
    queues(deployment),
    lastDbtRun(deployment),
  ]);
  const failed = entries.filter((entry) => entry.status === 'FAILED');
  const newest = entries.find((entry) => entry.status === 'PUBLISHED');
  if (options.json) {
    const newestPublishedAt = newest?.updated_at ?? null;
    return json({
      files: countByStatus(entries),
      running,
      failed,
      queues: waiting,
      newestPublishedAt,
      dbt: dbt ?? null,
    });
  }
  const executions = running.map(({ name, state, startedAt }) => `  ${name}: ${state}, started ${ago(startedAt)}`);
  return [
    `Environment ${deployment.environment} (${deployment.region}), files since ${utc(options.since)}:`,
    entries.length > 0 ? filesTable(entries) : 'No file has changed its state since then.',
    [load(deployment, running, waiting), ...executions].join('\n'),
    ...(failed.length > 0 ? [`Failed:\n${failureLines(failed).join('\n')}`] : []),
    table(
      ['queue', 'messages'],
      waiting.map(({ queue, messages }) => [queue, messages]),
    ),
    newest ? `Newest published file: ${ago(newest.updated_at)}.` : 'No file was published since then.',
    dbt
      ? `Last dbt run: ${ago(dbt.endedAt)}, ${dbt.passed} passed, ${dbt.failed} failed, ${dbt.warned} warned.`
      : 'dbt: Airflow has kept no results of a run here.',
  ].join('\n\n');
}
