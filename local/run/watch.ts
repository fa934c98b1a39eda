import type { Platform } from '../platform/platform';
import { type DagRun, dagRuns, hasAirflow } from './dag-runs';
import { type IntakeExecution, intakeExecutions } from './executions';
import { isEnding } from './shutdown';

const POLL_MS = 1000;

/** Something that began, and may have ended, as one line of the list. */
interface Watched {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
}

function line({ name, status, startedAt, endedAt }: Watched): string {
  const seconds = endedAt ? `${((endedAt.getTime() - startedAt.getTime()) / 1000).toFixed(1)} s` : '';
  return `${startedAt.toISOString()}  ${status.padEnd(9)}  ${name}  ${seconds}`;
}

const ofExecution = ({ arn, ...execution }: IntakeExecution): Watched => ({ id: arn, ...execution });

const ofDagRun = ({ dag_run_id, run_type, state, start_date, end_date }: DagRun): Watched => ({
  id: dag_run_id,
  name: `Airflow's ${run_type} run of dbt`,
  status: state.toUpperCase(),
  startedAt: new Date(start_date ?? Date.now()),
  endedAt: end_date ? new Date(end_date) : undefined,
});

async function look(platform: Platform): Promise<Watched[]> {
  const executions = (await intakeExecutions(platform)).map(ofExecution);
  const runs = hasAirflow(platform) ? (await dagRuns(platform)).map(ofDagRun) : [];
  return [...executions, ...runs].sort((one, other) => Number(one.startedAt) - Number(other.startedAt));
}

/** Shows a kept run's executions, and runs of Airflow, as they start and end; runs until the process is told to end. */
export async function watch(platform: Platform): Promise<never> {
  const seen = new Map<string, string>();
  for (;;) {
    try {
      for (const watched of await look(platform)) {
        if (seen.get(watched.id) === watched.status) continue;
        seen.set(watched.id, watched.status);
        console.log(line(watched));
      }
    } catch (error) {
      // One unanswered call does not end the list: the next look shows what this one missed.
      if (!isEnding()) console.error(error instanceof Error ? error.message : error);
    }
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}
