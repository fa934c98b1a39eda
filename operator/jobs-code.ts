import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { binOf, ROOT } from '../local/paths';

/** Output of a module of the jobs, and how it ended; a killed one has no exit status. */
export interface JobsAnswer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** Last line of what it wrote to standard error; undefined where it wrote nothing. */
  readonly lastWords: string | undefined;
}

/**
 * Runs a module of glue-scripts on this machine: `reviews.validate`, with its arguments.
 *
 * @param input what it reads from standard input: other users of the machine see the arguments of a process
 * @param root checkout whose jobs and contracts are used
 */
export async function runJobsCode(
  module: string,
  args: readonly string[],
  { input = '', root = ROOT }: { readonly input?: string | undefined; readonly root?: string | undefined } = {},
): Promise<JobsAnswer> {
  const { exitCode, stdout, stderr } = await execa(join(binOf('glue'), 'python'), ['-m', module, ...args], {
    reject: false,
    input,
    env: { PYTHONPATH: [join(root, 'glue-scripts'), process.env.PYTHONPATH].filter(Boolean).join(delimiter) },
  });
  return { exitCode, stdout, lastWords: stderr.trim().split('\n').at(-1) || undefined };
}
