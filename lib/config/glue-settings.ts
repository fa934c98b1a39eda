import { z } from 'zod';

const minutes = z.int().min(1).max(2880);

/** The Glue jobs. */
export const glueSettings = z
  .strictObject({
    workerType: z
      .enum(['G.1X', 'G.2X', 'G.4X', 'G.8X'])
      .default('G.1X')
      .describe('Size of one worker: G.1X is 4 vCPU and 16 GiB (1 DPU), G.2X twice that, and so on.'),
    maximumWorkers: z
      .int()
      .min(2)
      .max(299)
      .default(10)
      .describe('Maximum number of workers that auto-scaling uses, driver included (workers).'),
    timeoutMinutes: minutes.default(60).describe('Timeout of one job run (minutes).'),
    queueMinutes: minutes
      .default(120)
      .describe(
        'How long a run may wait for capacity before the execution gives up, in addition to its timeout (minutes).',
      ),
    maximumConcurrentRuns: z
      .int()
      .min(1)
      .max(1000)
      .default(20)
      .describe('Maximum number of concurrent runs of one job (runs). Further runs are queued.'),
    executionClass: z
      .enum(['STANDARD', 'FLEX'])
      .default('STANDARD')
      .describe(
        'FLEX: runs on spare capacity, cheaper, but a run may wait long and be interrupted. Only with workers up to G.2X.',
      ),
    smallBatchMebibytes: z
      .int()
      .min(0)
      .max(65_536)
      .default(1024)
      .describe(
        "Batches up to this size, by an estimate of what they hold once unpacked, are processed by the driver's own process, and Spark is not started (MiB; 0: always by Spark).",
      ),
  })
  .prefault({});
