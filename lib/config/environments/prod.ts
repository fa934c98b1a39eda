import type { SettingsInput } from '../schema';

/**
 * Production: everything is kept, files are taken in batches.
 *
 * Before the first deployment set `account`, `region` and `alertEmails`. `warehouse` and `orchestration` are to be added once Snowflake's
 * login is in a secret (README.md); then Airflow runs dbt.
 */
export const prod: SettingsInput = {
  environment: 'prod',
  tags: { application: 'review-pipeline', environment: 'prod' },
  intake: { mode: 'batched', windowSeconds: 120, maximumFiles: 1000 },
  glue: { workerType: 'G.2X', maximumWorkers: 20 },
  logs: { retentionDays: 365 },
};
