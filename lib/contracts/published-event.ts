import * as z from 'zod';

/** "Reviews Published" as EventBridge delivers it, as far as Airflow hears of it (docs/architecture.md, "State machine"). */
export const publishedEventSchema = z.object({
  'detail-type': z.literal('Reviews Published'),
  detail: z.object({
    batch: z.object({ id: z.string().min(1) }),
    records: z.object({ published: z.int().positive() }),
  }),
});

export type PublishedEvent = z.infer<typeof publishedEventSchema>;
