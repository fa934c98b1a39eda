import { z } from 'zod';
import type { WholeForm } from '../../lib/functions/register-files/file-form';
import { runJobsCode } from '../jobs-code';
import { OperatorError } from '../operator-error';

/** Whose records are sought. */
export interface Person {
  readonly source: string;
  /** The reviewer's own id at the source; it goes into no text that is shown, logged or stored. */
  readonly reviewer: string;
}

/** A file of this machine, as the jobs' code is asked about it. */
export interface AskedFile {
  readonly path: string;
  readonly key: string;
  readonly form: WholeForm;
  /** Where the file is to be written again without the person's records. */
  readonly target?: string;
}

const count = z.int().nonnegative();
const foundSchema = z.object({
  records: count,
  /** The person's records. */
  own: count,
  /** Of these, records that could not be read: their text names the person. */
  damaged: count,
  /** Records of which not all could be searched. */
  unread: count,
  /** Records that stay. */
  others: count,
  /** Of the records that stay. */
  digest: z.string(),
});
const answerSchema = z.union([z.object({ refusal: z.string() }), foundSchema]);

/** What was found in a file; `refusal` where it could not be read, or not be written again. */
export type Answer = z.infer<typeof answerSchema>;
export type Found = z.infer<typeof foundSchema>;

/** Asks the jobs' own code (glue-scripts/reviews/erasure). */
export async function askJobs({ reviewer }: Person, files: readonly AskedFile[]): Promise<Answer[]> {
  const asked = files.map((file) => ({ ...file, form: { ...file.form, source: file.form.source.source } }));
  const input = JSON.stringify({ reviewer, files: asked });
  const { exitCode, stdout } = await runJobsCode('reviews.erasure', [], input);
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
