import * as z from 'zod';
import { DagNotListeningError } from './errors';
import type { RestApi } from './rest-api';

const dagSchema = z.object({ is_paused: z.boolean(), is_stale: z.boolean() });

/**
 * Makes sure that an event would start the DAG: for one that is paused, or that Airflow takes for gone, it records events and starts
 * nothing, then or later.
 *
 * @throws DagNotListeningError
 * @throws AirflowUnavailableError, AirflowRefusedError
 */
export async function requireListening(api: RestApi, dagId: string): Promise<void> {
  const { is_paused, is_stale } = await api.call(dagSchema, { method: 'GET', path: `/dags/${dagId}` });
  if (is_paused) {
    throw new DagNotListeningError(
      `The DAG ${dagId} is paused: an event would be lost on it. The announcements wait in the queue until somebody switches it on in Airflow.`,
    );
  }
  if (is_stale) {
    throw new DagNotListeningError(
      `Airflow takes the DAG ${dagId} for gone: an event would be lost on it. It may be about to read it again, and this is tried again; if it lasts, look in the DAG processing log.`,
    );
  }
}
