import { setTimeout as sleep } from 'node:timers/promises';
import { BatchStopJobRunCommand, GetJobRunsCommand, GlueClient, type JobRunState } from '@aws-sdk/client-glue';
import { clientDefaults } from '../runtime/aws';
import { TransientServiceError } from '../runtime/function-errors';

const glue = new GlueClient(clientDefaults);

/** States of a run that may still write. "JobRun structure", AWS Glue Developer Guide. */
const LIVE: ReadonlySet<JobRunState | undefined> = new Set(['STARTING', 'RUNNING', 'STOPPING', 'WAITING']);

// Newest first: a run of a batch that has just failed is not far down. 200 is the most that a page takes.
const RUNS_LOOKED_AT = 200;
const POLL_SECONDS = 1;
const STOP_SECONDS = 40;

/**
 * Stops the job runs that still work on a batch, and waits until they have ended: nothing may write any more when
 * what the batch has written is removed.
 *
 * @param manifest URI of the batch's manifest, by which its runs are known
 * @returns how many runs were stopped
 * @throws TransientServiceError where a run still works after 40 seconds
 */
export async function stopJobRuns(jobNames: readonly string[], manifest: string): Promise<number> {
  const stopped = await Promise.all(jobNames.map((jobName) => stopRunsOf(jobName, manifest)));
  return stopped.reduce((sum, runs) => sum + runs, 0);
}

async function stopRunsOf(jobName: string, manifest: string): Promise<number> {
  const live = await liveRuns(jobName, manifest);
  if (live.length === 0) return 0;
  await glue.send(new BatchStopJobRunCommand({ JobName: jobName, JobRunIds: live }));
  for (let waited = 0; waited < STOP_SECONDS; waited += POLL_SECONDS) {
    if ((await liveRuns(jobName, manifest)).length === 0) return live.length;
    await sleep(POLL_SECONDS * 1000);
  }
  throw new TransientServiceError(
    `Run ${live.join(', ')} of job ${jobName} still works ${STOP_SECONDS} s after it was told to stop.`,
  );
}

async function liveRuns(jobName: string, manifest: string): Promise<string[]> {
  const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: jobName, MaxResults: RUNS_LOOKED_AT }));
  return JobRuns.filter((run) => run.Arguments?.['--manifest'] === manifest && LIVE.has(run.JobRunState)).flatMap(
    ({ Id }) => Id ?? [],
  );
}
