import { z } from 'zod';
import type { WholeForm } from '../../lib/functions/register-files/file-form';
import { runJobsCode } from '../jobs-code';
import { OperatorError } from '../operator-error';

/** The person whose records are searched. */
export interface Person {
  readonly source: string;
  /** The reviewer's own id at the source; no text that is shown, logged or stored contains it. */
  readonly reviewer: string;
}

/** A file of this machine, in the form in which the jobs' code is asked about it. */
export interface AskedFile {
  readonly path: string;
  readonly key: string;
  readonly form: WholeForm;
  /** Path for the file without the person's records. */
  readonly target?: string;
}

const count = z.int().nonnegative();
const foundSchema = z.object({
  records: count,
  /** The person's records. */
  own: count,
  /** Those of them that could not be read: their text names the person. */
  damaged: count,
  /** Records that could be searched only in part. */
  unread: count,
  /** Records that stay. */
  others: count,
  /** Counts of the records that stay. */
  digest: z.string(),
});
const answerSchema = z.union([z.object({ refusal: z.string() }), foundSchema]);

/** What was found in a file; `refusal` if it could not be read or rewritten. */
export type Answer = z.infer<typeof answerSchema>;
export type Found = z.infer<typeof foundSchema>;

/** Asks the jobs' own code (glue-scripts/reviews/erasure). */
export async function askJobs({ reviewer }: Person, files: readonly AskedFile[]): Promise<Answer[]> {
  const asked = files.map((file) => ({ ...file, form: { ...file.form, source: file.form.source.source } }));
  const input = JSON.stringify({ reviewer, files: asked });
  const { exitCode, stdout } = await runJobsCode('reviews.erasure', [], { input });
  if (exitCode !== 0) {
    // What it wrote may quote a record.
    throw new OperatorError(
      `The jobs' code ended with status ${exitCode ?? 'none'}: nothing was changed.`,
      'Check memory and disk of this machine, then repeat the command.',
    );
  }
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => answerSchema.parse(JSON.parse(line)));
}
