import type { SettingsInput } from '../schema';

/** The one-machine edition: the account and region of the local AWS, short waits, jobs that are local processes. */
export const local: SettingsInput = {
  environment: 'local',
  account: '000000000000',
  region: 'us-east-1',
  tags: { application: 'review-pipeline', environment: 'local' },
  data: { destroyData: true, workExpiryDays: 1 },
  intake: { mode: 'batched', windowSeconds: 2, maximumFiles: 500 },
  glue: { maximumWorkers: 2, timeoutMinutes: 30, queueMinutes: 10, maximumConcurrentRuns: 2 },
  stateMachine: { timeoutMinutes: 120 },
  logs: { retentionDays: 1 },
  warehouse: { secretName: 'reviews/local/snowflake', compute: {} },
  functions: { notifyAirflow: { timeoutSeconds: 5 } },
  orchestration: {
    network: { mode: 'new', availabilityZones: ['us-east-1a', 'us-east-1b'] },
    // The local Snowflake sees files within a second or two, and an hour without Airflow is still outlasted.
    events: { deliveryDelaySeconds: 2, batchingWindowSeconds: 1, retrySeconds: 31, attempts: 120 },
  },
};

/** The same, for those in a hurry: dbt is run by hand, and nothing waits for an event. */
export const localWithoutAirflow: SettingsInput = {
  ...local,
  orchestration: { ...local.orchestration, enabled: false },
};
