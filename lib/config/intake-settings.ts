import { z } from 'zod';

/** start-batch asks for each while files wait, and calls are throttled. "Step Functions service quotas", AWS Step Functions Developer Guide. */
const maximumExecutions = z.int().min(1).max(100);

const MAXIMUM_EXECUTIONS =
  'Maximum number of executions that run at a time because files have arrived (executions). Further files wait in the queue.';

/** How files reach the state machine. */
export const intakeSettings = z
  .discriminatedUnion('mode', [
    z.strictObject({
      mode: z
        .literal('single')
        .describe('One execution per file: immediate and easy to follow, but two job runs per file.'),
      maximumExecutions: maximumExecutions
        .optional()
        .describe(`${MAXIMUM_EXECUTIONS} Without it there is no queue: every file starts its execution at once.`),
    }),
    z.strictObject({
      mode: z
        .literal('batched')
        .describe('One execution for the files that arrive within a window: cheap for many small files.'),
      windowSeconds: z
        .int()
        .min(1)
        .max(300)
        .default(60)
        .describe('How long the first file of a batch waits for more (seconds; 300 is the limit of Lambda).'),
      maximumFiles: z
        .int()
        .min(1)
        .max(10_000)
        .default(500)
        .describe('Maximum number of files in one batch (files; 10,000 is the limit of Lambda for an SQS source).'),
      maximumMebibytes: z
        .int()
        .min(1)
        .default(102_400)
        .describe(
          'Maximum total size of the files in one batch (MiB). It bounds what register-files must copy within its timeout. A larger file has a batch of its own.',
        ),
      maximumConcurrency: z
        .int()
        .min(2)
        .max(1000)
        .default(2)
        .describe(
          'Maximum number of concurrent calls of the batching function (calls). Keep it low, or a burst is cut into small batches.',
        ),
      maximumExecutions: maximumExecutions.default(10).describe(MAXIMUM_EXECUTIONS),
    }),
  ])
  // Singly, ten thousand files at once would wait for job runs for longer than any timeout, and cost two runs each.
  .prefault({ mode: 'batched' })
  .describe('How files reach the state machine.');
