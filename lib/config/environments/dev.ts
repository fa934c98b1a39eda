import type { SettingsInput } from '../schema';

/**
 * Development: small, cheap, and removable with its data (`-c allowDestroy=dev`). No `orchestration`: the least Airflow costs about $358 a
 * month, and dbt can be run by hand.
 */
export const dev: SettingsInput = {
  environment: 'dev',
  tags: { application: 'review-pipeline', environment: 'dev' },
  data: { destroyData: true, oldVersionDays: 30, workExpiryDays: 7, accessLogDays: 30 },
  glue: { maximumWorkers: 4, timeoutMinutes: 30, queueMinutes: 60 },
  stateMachine: { timeoutMinutes: 240 },
  logs: { retentionDays: 30 },
};
