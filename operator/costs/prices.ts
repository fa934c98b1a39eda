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
  readOn: z.iso.date(),
  region: z.string(),
  prices: z.record(z.string(), priceSchema),
});

/** The one table of prices, with the day it was read and its sources. */
export const priceTable = schema.parse(document);

type PriceName = keyof typeof document.prices;

/** A price in US dollars by its name. */
export const usd = (name: PriceName): number => document.prices[name].usd;
