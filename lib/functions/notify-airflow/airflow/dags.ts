import * as z from 'zod';
import { DagNotListeningError } from './airflow-errors';
import type { RestApi } from './rest-api';

const dagSchema = z.object({ is_paused: z.boolean(), is_stale: z.boolean() });

/**
 * Makes sure that an event would start the DAG: for a DAG that is paused or marked as stale, Airflow records events and
 * starts nothing, then or later.
 *
 * @throws DagNotListeningError
 * @throws AirflowUnavailableError, AirflowRefusedError
 */
export async function requireListening(api: RestApi, dagId: string): Promise<void> {
  const { is_paused, is_stale } = await api.call(dagSchema, { method: 'GET', path: `/dags/${dagId}` });
  if (is_paused) {
    throw new DagNotListeningError(
      `The DAG ${dagId} is paused: it would lose the event. The announcements wait in the queue until somebody switches it on in Airflow.`,
    );
  }
  if (is_stale) {
    throw new DagNotListeningError(
      `Airflow marks the DAG ${dagId} as stale: it would lose the event. Airflow may be about to parse it again, and this is tried again. If it lasts, look in the DAG processing log.`,
    );
  }
}
