import { z } from 'zod';

/** Memory and timeout, with defaults. */
const oneFunction = (memoryMiB: number, timeoutSeconds: number) =>
  z
    .strictObject({
      memoryMiB: z
        .int()
        .min(128)
        .max(10_240)
        .default(memoryMiB)
        .describe('Memory (MiB). The share of the processor grows with it.'),
      timeoutSeconds: z.int().min(1).max(900).default(timeoutSeconds).describe('Timeout of one call (seconds).'),
    })
    .prefault({});

/** The Lambda functions. */
export const functionSettings = z
  .strictObject({
    registerFiles: oneFunction(1024, 900).describe('Claims, sniffs and copies the files of a batch.'),
    recordOutcome: oneFunction(512, 120).describe('Writes the figures of a batch to the ledger.'),
    recordFailure: oneFunction(512, 300).describe(
      'Marks the files of a failed execution and removes what it published.',
    ),
    startBatch: oneFunction(256, 30).describe('Starts an execution for a batch. Only with intake mode batched.'),
    runConnector: oneFunction(1024, 900).describe('Fetches the reviews of a service. Only with connectors.'),
    provisionWarehouse: oneFunction(1024, 600).describe('Provisions Snowflake. Only with a warehouse.'),
    refreshExternalTables: oneFunction(512, 600).describe(
      'Looks every hour for files that Snowflake has not noticed. Only with a warehouse.',
    ),
    notifyAirflow: oneFunction(256, 40).describe('Tells Airflow that reviews were published. Only with orchestration.'),
  })
  .prefault({});
