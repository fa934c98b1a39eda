import { z } from 'zod';

/** Thresholds of the alarms. */
export const alarmSettings = z
  .strictObject({
    failedExecutions: z
      .int()
      .min(1)
      .default(1)
      .describe('Failed, timed-out or aborted executions within 5 minutes (executions).'),
    deadLetters: z.int().min(1).default(1).describe('Number of messages in a dead-letter queue (messages).'),
    queueAgeSeconds: z
      .int()
      .min(60)
      .default(900)
      .describe(
        'Age of the oldest file that is not taken out of the queue of the intake; only where files pass a queue (seconds).',
      ),
    publishedQueueAgeSeconds: z
      .int()
      .min(60)
      .default(1800)
      .describe('Age of the oldest announcement that waits for Airflow; only with orchestration (seconds).'),
    functionErrors: z.int().min(1).default(1).describe('Failed calls of one function within 5 minutes (calls).'),
    streamLagMessages: z
      .int()
      .min(1)
      .default(100_000)
      .describe('Messages that wait in the topic of one stream; only with streams (messages).'),
    processingMinutes: z
      .int()
      .min(15)
      .max(10_080)
      .optional()
      .describe(
        'How long a file may be RECEIVED or PROCESSING before an alarm (minutes). A function then looks at the ledger every 5 minutes. Off by default.',
      ),
    rejectedPercent: z
      .int()
      .min(1)
      .max(100)
      .default(20)
      .describe('Rejected records of one source in one batch (percent). A source contract may set its own.'),
    glueMinutes: z.int().min(1).max(2880).default(30).describe('Run time of one job (minutes).'),
    glueMemoryPercent: z
      .int()
      .min(10)
      .max(100)
      .default(85)
      .describe('Memory of one job, of what its worker has (percent). Without what the executors of Spark have.'),
    captureLagSeconds: z
      .int()
      .min(60)
      .default(900)
      .describe('How far change capture may be behind the database; only with changeCapture (seconds).'),
    slotLagMebibytes: z
      .int()
      .min(1)
      .default(4096)
      .describe('Log that the database keeps for change capture; only with changeCapture.rdsInstance (MiB).'),
    presentationHours: z
      .int()
      .min(2)
      .max(168)
      .default(26)
      .describe('Time without a successful run of dbt; only with orchestration (hours).'),
    queryableMinutes: z
      .int()
      .min(5)
      .max(10_080)
      .default(180)
      .describe(
        'Time from the arrival of a file to the end of the run of dbt that was the first to count it; only with orchestration (minutes).',
      ),
    dailyCostUsd: z
      .number()
      .positive()
      .optional()
      .describe(
        'Cost of a day, by the tag application, at which alertEmails are written to (US dollars). By default nobody watches it. The tag must be activated as a cost allocation tag.',
      ),
  })
  .prefault({});
