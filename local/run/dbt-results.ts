import { z } from 'zod';

const RunResults = z.object({
  results: z.array(z.object({ unique_id: z.string(), status: z.string(), message: z.string().nullish() })),
});

/** How many models and tests of a build ended how; the form in which `--report` writes it. */
export interface DbtCounts {
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
}

/** What a build did. */
export interface DbtBuild extends DbtCounts {
  /** Whether all of it went well, also what is no model and no test. */
  readonly succeeded: boolean;
  /** What to show where it did not. */
  readonly output: string;
}

const FAILED = ['error', 'fail', 'runtime error'];

/** Counts the nodes of dbt's `run_results.json`, given as text. */
export function countsOf(runResults: string): DbtCounts {
  const { results } = RunResults.parse(JSON.parse(runResults));
  const having = (...statuses: string[]): number => results.filter(({ status }) => statuses.includes(status)).length;
  return { passed: having('success', 'pass'), failed: having(...FAILED), warned: having('warn') };
}

/** The models and tests of `run_results.json` that failed, a paragraph each. */
export function failuresOf(runResults: string): string[] {
  const { results } = RunResults.parse(JSON.parse(runResults));
  return results
    .filter(({ status }) => FAILED.includes(status))
    .map(({ unique_id, status, message }) => `${unique_id}: ${status}${message ? `: ${message}` : ''}`);
}
