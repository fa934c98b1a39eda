import { z } from 'zod';
import type { LocalConnectors } from '../../../local/platform/platform';

/**
 * The connectors of APIs, each with a list that can grow, and how many calls of its run pass before one in its middle is refused:
 * a login where there is one, and a page.
 */
export const APIS = {
  'steam-reviews': { list: '990001', passing: 1 },
  'app-store': { list: '900000001', passing: 1 },
  'business-profile': { list: 'accounts/100001/locations/200001', passing: 2 },
  'woo-graphql': { list: '93', passing: 1 },
  'salesforce-contacts': { list: 'Contact', passing: 2 },
  'salesforce-cases': { list: 'Case', passing: 2 },
  // The oldest come first: two pages pass, of which the second has new ones.
  'hubspot-contacts': { list: 'contacts', passing: 2 },
  'hubspot-tickets': { list: 'tickets', passing: 2 },
} as const;

const Told = z.object({ lists: z.record(z.string(), z.number()), calls: z.number() });

/** Tells the APIs what to do next; the number of records in each of their lists, and the calls so far. */
export async function tellApis(
  { sources }: LocalConnectors,
  form: Readonly<Record<string, string>> = {},
): Promise<z.infer<typeof Told>> {
  const answer = await fetch(`${sources.apis?.endpoint}/_control`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return Told.parse(await answer.json());
}
