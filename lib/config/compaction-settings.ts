import { z } from 'zod';

/** The daily compaction of the published tables. */
export const compactionSettings = z.strictObject({
  minimumBatches: z
    .int()
    .min(2)
    .max(10_000)
    .default(48)
    .describe(
      'Small batches of one day from which they are compacted (batches). Small is a batch whose files are all below 128 MB.',
    ),
  graceHours: z
    .int()
    .min(1)
    .max(40)
    .default(20)
    .describe(
      "How long the batches' own files stay after the large ones are announced (hours). dbt has to run in this time; and the hourly refresh looks at the files of three days.",
    ),
  hour: z.int().min(0).max(23).default(2).describe('Hour of the day at which it starts (UTC).'),
});
