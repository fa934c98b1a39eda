import { GetObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { compactionReportKey } from '../../lib/contracts/object-keys';
import type { Deployment } from '../deployment';
import { OperatorError } from '../operator-error';
import { whenEnded } from '../reconcile/repair';
import { json, table } from '../text';

interface CompactOptions {
  readonly dryRun?: true;
  readonly today?: true;
  readonly json?: true;
}

/** Report that the job writes at its end (glue-scripts/reviews/compact/job.py, Report). */
const reportSchema = z.object({
  planned: z.boolean(),
  compactions: z.array(
    z.object({
      ingestDate: z.string(),
      batches: z.number(),
      filesBefore: z.number(),
      bytesBefore: z.number(),
      filesAfter: z.number().optional(),
      bytesAfter: z.number().optional(),
      seconds: z.number().optional(),
    }),
  ),
  removed: z.object({ files: z.number(), bytes: z.number() }),
  left: z.array(z.object({ batchId: z.string(), why: z.string() })),
});
type Report = z.infer<typeof reportSchema>;

const MAX_LEFT_SHOWN = 10;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/**
 * Merges the small files of the published tables into large ones now, as the schedule does every day, and waits for the end.
 *
 * @returns the text, and whether every batch could be compacted
 */
export async function compact(
  deployment: Deployment,
  { dryRun, today, json: asJson }: CompactOptions,
): Promise<{ text: string; whole: boolean }> {
  const { sfn, outputs, environment } = deployment;
  const stateMachineArn = outputs.CompactionStateMachineArn;
  if (!stateMachineArn) {
    throw new OperatorError(
      `Environment ${environment} has no compaction.`,
      'Add "compaction": {} to its settings, and deploy.',
    );
  }
  const input = JSON.stringify({ ...(dryRun && { plan: true }), ...(today && { today: true }) });
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  await whenEnded(deployment, [executionArn]);
  const report = await reportOf(deployment, executionArn);
  if (!report) {
    const { status, cause = 'no cause was given' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    throw new OperatorError(
      `The compaction ended as ${status}: ${cause}`,
      'Nothing that readers see has changed. Read docs/runbook.md, "A compaction fails".',
    );
  }
  return { text: asJson ? json(report) : described(report), whole: report.left.length === 0 };
}

async function reportOf({ s3, outputs }: Deployment, executionArn: string): Promise<Report | undefined> {
  const Key = compactionReportKey(executionArn.split(':').at(-1) ?? '');
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.ProcessedBucketName, Key }));
    return reportSchema.parse(JSON.parse((await Body?.transformToString()) ?? ''));
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}

function described({ planned, compactions, removed, left }: Report): string {
  const head = ['day', 'batches', 'files', 'MB', ...(planned ? [] : ['files after', 'MB after', 'seconds'])];
  const rows = compactions.map((one) => [
    ...[one.ingestDate, one.batches, one.filesBefore, megabytes(one.bytesBefore)],
    ...(planned ? [] : [one.filesAfter ?? 0, megabytes(one.bytesAfter ?? 0), one.seconds ?? 0]),
  ]);
  return [
    compactions.length === 0
      ? 'No day has enough small batches.'
      : planned
        ? 'Would be compacted:'
        : "Compacted; readers change over with dbt's next run:",
    ...(compactions.length > 0 ? [table(head, rows)] : []),
    `${planned ? 'Would be removed' : 'Removed'}, replaced before: ${removed.files} files, ${megabytes(removed.bytes)} MB.`,
    ...(left.length > 0
      ? [`${left.length} batches keep their files, for their rows are not those of their outcome:`]
      : []),
    ...left.slice(0, MAX_LEFT_SHOWN).map(({ batchId, why }) => `  ${batchId}: ${why}`),
    ...(left.length > 0 ? ['Next: reconcile'] : []),
  ].join('\n');
}
