// Names are literals: a minifier renames classes, and the alarm's reader looks for them in the log.

/** Airflow, or MWAA before it, gave no answer, or one that passes by itself: 429 or 5xx. */
export class AirflowUnavailableError extends Error {
  override readonly name = 'AirflowUnavailableError';
}

/** Airflow, or MWAA before it, refused the call, or answered in a form that is not Airflow's: the same call is refused again. */
export class AirflowRefusedError extends Error {
  override readonly name = 'AirflowRefusedError';
}

/** Airflow knows the DAG, but would not start it on an event. */
export class DagNotListeningError extends Error {
  override readonly name = 'DagNotListeningError';
}

/** Airflow knows no such asset: it has not read the DAG yet, or could not. */
export class AssetNotFoundError extends Error {
  override readonly name = 'AssetNotFoundError';
}
