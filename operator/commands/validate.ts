import { z } from 'zod';
import { setUp } from '../../local/setup/steps';
import { runJobsCode } from '../jobs-code';
import { OperatorError } from '../operator-error';
import { accounts } from '../records';
import { json } from '../text';

/** Output of `reviews.validate` (glue-scripts/reviews/validate.py); a file that no job would read has only an ending. */
const verdictSchema = z.looseObject({
  path: z.string(),
  source: z.string().nullable(),
  status: z.string(),
  reason: z.string().optional(),
  detail: z.string().optional(),
  failure: z.string().optional(),
  recordsRead: z.number().optional(),
  published: z.number().optional(),
  duplicates: z.number().optional(),
  deleted: z.number().optional(),
  rejected: z
    .record(z.string(), z.object({ records: z.number(), first: z.number(), detail: z.string().optional() }))
    .default({}),
});
type Verdict = z.infer<typeof verdictSchema>;

/** Exit status of the script where it could not give a verdict. */
const NO_VERDICT = 2;

async function verdictOn(path: string, source: string | undefined): Promise<Verdict> {
  const asked = [path, ...(source ? ['--source', source] : [])];
  const { exitCode, stdout, lastWords } = await runJobsCode('reviews.validate', asked);
  if (exitCode === undefined || exitCode >= NO_VERDICT) {
    throw new OperatorError(
      `${path}: ${lastWords ?? 'the script ended and did not say why'}`,
      'Check the path and --source; contracts/sources has the names of all producers.',
    );
  }
  return verdictSchema.parse(JSON.parse(stdout));
}

function describe({
  path,
  source,
  status,
  recordsRead,
  published = 0,
  duplicates = 0,
  deleted = 0,
  rejected,
  ...verdict
}: Verdict): string {
  const total = Object.values(rejected).reduce((sum, { records }) => sum + records, 0);
  const why = verdict.failure ?? verdict.detail ?? verdict.reason;
  return [
    `${path}: ${status}, ${source === null ? 'no source contract recognises it' : `read as ${source}`}`,
    ...(why ? [`  ${why}`] : []),
    ...(recordsRead === undefined
      ? []
      : [`  ${accounts({ read: recordsRead, published, duplicates, deleted, rejected: total })}`]),
    ...Object.entries(rejected).map(
      ([reason, { records, first, detail }]) =>
        `  ${reason}: ${records}, first #${first}${detail ? `: ${detail}` : ''}`,
    ),
  ].join('\n');
}

/**
 * Shows what the pipeline would do with files of this machine. It runs the functions' and jobs' own code, and needs no AWS.
 *
 * @returns the text, and whether something of every file would be published
 */
export async function validate(
  paths: readonly string[],
  options: { source?: string; json?: true },
): Promise<{ text: string; allPublishable: boolean }> {
  await setUp('validate');
  const verdicts: Verdict[] = [];
  for (const path of paths) verdicts.push(await verdictOn(path, options.source));
  return {
    text: options.json ? json(verdicts) : verdicts.map(describe).join('\n\n'),
    allPublishable: verdicts.every(({ status }) => status === 'PUBLISHED'),
  };
}
