import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { BUCKET_FOLDERS } from '../../lib/orchestration/airflow-names';
import {
  type DagRun,
  dagRuns,
  hasEnded,
  type TaskInstance,
  taskInstances,
  triggerRun,
  type WithAirflow,
} from './dag-runs';
import { countsOf, type DbtBuild, failuresOf } from './dbt-results';
import { messagesIn } from './queue-depth';

/** How often Airflow is asked (milliseconds). Each answer takes CPU time that the run itself needs. */
const POLL_MS = 1500;

/**
 * After this time without a waiting announcement and without a run, no run is expected any more (seconds). Between the function's
 * call and the run that Airflow creates for it there are one to two seconds.
 */
const IDLE_SECONDS = 8;

/** The task of the DAG that builds the models (airflow/dags/reviews_dbt.py). */
const BUILD_TASK = 'dbt_build';

/** A run that takes longer is stuck (seconds). */
const MAX_SECONDS = 900;

/** Whether announcements of published reviews still wait for Airflow. */
async function announcementsWaiting({ aws, airflow }: WithAirflow): Promise<boolean> {
  return (await messagesIn(aws.sqs, airflow.outputs.PublishedQueueUrl)) > 0;
}

/** A run with its tasks. */
interface Progress {
  readonly run: DagRun;
  readonly tasks: readonly TaskInstance[];
}

const tasksOf = (run: DagRun, tasks: readonly TaskInstance[]): TaskInstance[] =>
  tasks.filter(({ dag_run_id }) => dag_run_id === run.dag_run_id);

async function newestRuns(platform: WithAirflow): Promise<Progress[]> {
  const [runs, tasks] = [await dagRuns(platform), await taskInstances(platform)];
  return runs.map((run) => ({ run, tasks: tasksOf(run, tasks) }));
}

/** When a run read, or will read, what is published: only its build task reads it. */
function lookedAt({ run, tasks }: Progress): Date | undefined {
  const built = tasks.find(({ task_id }) => task_id === BUILD_TASK)?.start_date;
  const time = built ?? (hasEnded(run) ? run.end_date : undefined);
  return time ? new Date(time) : undefined;
}

/** What a run is doing, in a line for the screen. */
function describe({ run, tasks }: Progress): string {
  const states = tasks.filter(({ state }) => state !== null).map(({ task_id, state }) => `${task_id} ${state}`);
  return [`${run.run_type} run ${run.state}`, ...states].join(' · ');
}

/**
 * Waits for the end of a run of dbt that sees everything published so far: one whose build started after the external tables had
 * registered every file. An earlier run may have seen a batch only in part, and left it for later.
 *
 * Where no such run is expected, because nothing was published or the run came too early, one is started as the schedule would.
 *
 * @param visibleAt when the external tables had heard of every file
 * @param onState called with what it waits for
 * @throws Error if no run ends in time
 */
export async function runThatSees(
  platform: WithAirflow,
  visibleAt: Date,
  onState: (state: string) => void = () => {},
): Promise<DagRun> {
  const sees = (progress: Progress): boolean => {
    const time = lookedAt(progress);
    return time !== undefined && time >= visibleAt;
  };
  let idleSince = Date.now();
  for (const deadline = Date.now() + MAX_SECONDS * 1000; Date.now() < deadline; await sleep(POLL_MS)) {
    const waiting = await announcementsWaiting(platform);
    const runs = await newestRuns(platform);
    // Oldest first: the first run that sees everything is enough.
    const seeing = runs.toReversed().find(sees);
    if (seeing && hasEnded(seeing.run)) return seeing.run;
    const coming = seeing ?? runs.findLast(({ run }) => !hasEnded(run));
    if (coming || waiting) idleSince = Date.now();
    onState(coming ? describe(coming) : 'waiting for the event to reach Airflow');
    if (Date.now() - idleSince > IDLE_SECONDS * 1000) {
      await triggerRun(platform, 'Started by the one-machine edition in place of the schedule.');
      idleSince = Date.now();
    }
  }
  throw new Error(`Airflow had not finished a run of dbt after ${MAX_SECONDS} s.`);
}

async function artifact({ aws, airflow }: WithAirflow, run: DagRun, name: string): Promise<string | undefined> {
  const key = `${BUCKET_FOLDERS.artifacts}/${run.dag_run_id}/${name}`;
  try {
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: airflow.outputs.AirflowBucketName, Key: key }));
    return await Body?.transformToString();
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}

/**
 * What a run did, read from its artifacts in S3.
 *
 * @throws Error if dbt could not build anything
 */
export async function buildOf(platform: WithAirflow, run: DagRun): Promise<DbtBuild> {
  const results = await artifact(platform, run, 'run_results.json');
  const tasks = tasksOf(run, await taskInstances(platform));
  const states = tasks.map(({ task_id, state }) => `  ${task_id}: ${state}`);
  const said = [`Airflow's run ${run.dag_run_id} ended as ${run.state}:`, ...states];
  if (results === undefined) throw new Error([...said, 'dbt built nothing; the logs of its tasks say why.'].join('\n'));
  return {
    ...countsOf(results),
    succeeded: run.state === 'success',
    output: [...said, ...failuresOf(results)].join('\n'),
  };
}
