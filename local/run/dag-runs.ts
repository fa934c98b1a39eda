import { z } from 'zod';
import { orchestrationContract } from '../../lib/contracts/orchestration';
import type { LocalAirflow } from '../platform/airflow';
import type { Platform } from '../platform/platform';

const DagRun = z.object({
  dag_run_id: z.string(),
  run_type: z.string(),
  state: z.string(),
  start_date: z.iso.datetime({ offset: true }).nullable(),
  end_date: z.iso.datetime({ offset: true }).nullable(),
});
export type DagRun = z.infer<typeof DagRun>;

const TaskInstance = z.object({
  task_id: z.string(),
  dag_run_id: z.string(),
  state: z.string().nullable(),
  start_date: z.iso.datetime({ offset: true }).nullable(),
  end_date: z.iso.datetime({ offset: true }).nullable(),
});
export type TaskInstance = z.infer<typeof TaskInstance>;

const Answer = z.object({ RestApiStatusCode: z.number(), RestApiResponse: z.unknown() });

/** What a build of the presentation tables needs of a platform, of this process or of another. */
export interface BuildTarget extends Pick<Platform, 'aws' | 'outputs' | 'endpoint' | 'warehouse'> {
  readonly airflow?: Pick<LocalAirflow, 'outputs' | 'ready'>;
}

/** A platform with Airflow. */
export type WithAirflow<Target extends BuildTarget = BuildTarget> = Target & {
  readonly airflow: NonNullable<Target['airflow']>;
};

export const hasAirflow = <Target extends BuildTarget>(platform: Target): platform is WithAirflow<Target> =>
  platform.airflow !== undefined;

interface ApiRequest {
  readonly Method: 'GET' | 'POST';
  /** Below the API's root; MWAA allows 64 characters. */
  readonly Path: string;
  readonly QueryParameters?: Readonly<Record<string, string | number>>;
  readonly Body?: unknown;
}

/**
 * Calls Airflow's REST API the way that MWAA offers: InvokeRestApi.
 *
 * @throws Error with AWS's name of the error
 */
export async function invokeRestApi({ aws, airflow }: WithAirflow, request: ApiRequest): Promise<unknown> {
  const response = await aws.mwaa(`/restapi/${airflow.outputs.AirflowEnvironmentName}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  if (!response.ok) throw new Error(`Airflow, ${request.Method} ${request.Path}: ${await response.text()}`);
  return Answer.parse(await response.json()).RestApiResponse;
}

const RUNS = `/dags/${orchestrationContract.dagId}/dagRuns`;

/** The newest runs of the DAG that runs dbt, the newest first. */
export async function dagRuns(platform: WithAirflow): Promise<DagRun[]> {
  const answer = await invokeRestApi(platform, {
    Method: 'GET',
    Path: RUNS,
    QueryParameters: { order_by: '-run_after', limit: 100 },
  });
  return z.object({ dag_runs: z.array(DagRun) }).parse(answer).dag_runs;
}

/** The tasks of the newest runs, in the order in which they started; those that wait come last. */
export async function taskInstances(platform: WithAirflow): Promise<TaskInstance[]> {
  const answer = await invokeRestApi(platform, {
    Method: 'GET',
    // A run's id would make the path longer than MWAA allows: "~" is all of them.
    Path: `${RUNS}/~/taskInstances`,
    QueryParameters: { order_by: '-start_date', limit: 100 },
  });
  const { task_instances } = z.object({ task_instances: z.array(TaskInstance) }).parse(answer);
  const started = ({ start_date }: TaskInstance): number => (start_date ? Date.parse(start_date) : Infinity);
  return task_instances.sort((one, other) => started(one) - started(other));
}

/** Starts a run by hand. */
export async function triggerRun(platform: WithAirflow, note: string): Promise<void> {
  await invokeRestApi(platform, { Method: 'POST', Path: RUNS, Body: { logical_date: null, note } });
}

const ENDED = ['success', 'failed'];

export const hasEnded = ({ state }: DagRun): boolean => ENDED.includes(state);
