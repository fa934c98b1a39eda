import { z } from 'zod';
import document from './prices.json';

const priceSchema = z.strictObject({
  service: z.string(),
  usd: z.number().positive(),
  unit: z.string(),
  source: z.url(),
});

const schema = z.strictObject({
  description: z.string(),
  asOf: z.string().regex(/^\d{4}-\d\d$/),
  region: z.string(),
  prices: z.record(z.string(), priceSchema),
});

/** The one table of prices, with its month and its sources. */
export const priceTable = schema.parse(document);

type PriceName = keyof typeof document.prices;

/** A price in US dollars by its name. */
export const usd = (name: PriceName): number => document.prices[name].usd;
