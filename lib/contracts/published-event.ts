import * as z from 'zod';

/** Source and detail type of the event that says what a batch published; its detail is the output of Record outcome. */
export const PUBLISHED_EVENT = { source: 'review-pipeline', detailType: 'Reviews Published' } as const;

/** "Reviews Published" as EventBridge delivers it: the part that notify-airflow reads (docs/architecture.md, "State machine"). */
export const publishedEventSchema = z.object({
  'detail-type': z.literal(PUBLISHED_EVENT.detailType),
  detail: z.object({
    batch: z.object({ id: z.string().min(1) }),
    records: z
      .object({ published: z.int().nonnegative(), deleted: z.int().nonnegative().default(0) })
      .refine(({ published, deleted }) => published + deleted > 0, 'a batch that publishes nothing is not announced'),
  }),
});

export type PublishedEvent = z.infer<typeof publishedEventSchema>;
