import { setTimeout as sleep } from 'node:timers/promises';
import { BatchStopJobRunCommand, GlueClient, type JobRunState, paginateGetJobRuns } from '@aws-sdk/client-glue';
import { clientDefaults } from '../runtime/aws';
import { TransientServiceError } from '../runtime/function-errors';

const glue = new GlueClient(clientDefaults);

/** States of a run that may still write. "JobRun structure", AWS Glue Developer Guide. */
const LIVE: ReadonlySet<JobRunState | undefined> = new Set(['STARTING', 'RUNNING', 'STOPPING', 'WAITING']);

// The most that a page takes. "GetJobRuns", AWS Glue Web API Reference.
const RUNS_OF_A_PAGE = 200;
// Glue's clock and that of Step Functions may differ.
const CLOCK_TOLERANCE_MS = 5 * 60 * 1000;
const POLL_SECONDS = 1;
const STOP_SECONDS = 40;

/** What tells the runs of a batch from those of others. */
export interface BatchAtWork {
  readonly manifest: string;
  readonly startTime: string;
}

/**
 * Stops the job runs that still work on a batch, and waits until they have ended: nothing may write any more when
 * what the batch has written is removed.
 *
 * @param batch URI of the batch's manifest, by which its runs are known, and when its execution started (ISO 8601)
 * @returns how many runs were stopped
 * @throws TransientServiceError where a run still works after 40 seconds
 */
export async function stopJobRuns(jobNames: readonly string[], batch: BatchAtWork): Promise<number> {
  const stopped = await Promise.all(jobNames.map((jobName) => stopRunsOf(jobName, batch)));
  return stopped.reduce((sum, runs) => sum + runs, 0);
}

async function stopRunsOf(jobName: string, batch: BatchAtWork): Promise<number> {
  const live = await liveRuns(jobName, batch);
  if (live.length === 0) return 0;
  await glue.send(new BatchStopJobRunCommand({ JobName: jobName, JobRunIds: live }));
  for (let waited = 0; waited < STOP_SECONDS; waited += POLL_SECONDS) {
    if ((await liveRuns(jobName, batch)).length === 0) return live.length;
    await sleep(POLL_SECONDS * 1000);
  }
  throw new TransientServiceError(
    `Run ${live.join(', ')} of job ${jobName} still works ${STOP_SECONDS} s after it was told to stop.`,
  );
}

/** Runs come newest first, so those before the start of the execution need no look: none of them can be its own. */
async function liveRuns(jobName: string, { manifest, startTime }: BatchAtWork): Promise<string[]> {
  const earliest = Date.parse(startTime) - CLOCK_TOLERANCE_MS;
  const live: string[] = [];
  for await (const { JobRuns = [] } of paginateGetJobRuns(
    { client: glue, pageSize: RUNS_OF_A_PAGE },
    { JobName: jobName },
  )) {
    const ofBatch = JobRuns.filter((run) => run.Arguments?.['--manifest'] === manifest && LIVE.has(run.JobRunState));
    live.push(...ofBatch.flatMap(({ Id }) => Id ?? []));
    const oldest = JobRuns.at(-1)?.StartedOn;
    if (oldest && oldest.getTime() < earliest) break;
  }
  return live;
}
