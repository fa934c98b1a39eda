import * as z from 'zod';
import { sourceDocuments } from '../../lib/contracts/source-documents';
import { type SourceContract, sources } from '../../lib/contracts/sources';

const fieldsSchema = z.object({ source: z.string(), fields: z.record(z.string(), z.array(z.unknown())) });

/** Top-level keys that the fields of a contract read first. */
function fieldKeys(source: string): string[] {
  const document = sourceDocuments.map((each) => fieldsSchema.parse(each)).find((each) => each.source === source);
  return Object.values(document?.fields ?? {})
    .map(([place]) => (Array.isArray(place) ? place[0] : place))
    .filter((key) => typeof key === 'string');
}

/** A record with every key that the producer's contract reads, as its files have it; the values are of no account. */
export function recordOf(contract: SourceContract, value: unknown = 5): Record<string, unknown> {
  const keys = new Set([...contract.recognise.all, ...fieldKeys(contract.source)]);
  return Object.fromEntries([...keys].map((key) => [key, value]));
}

/** A contract that the tests count on. */
export function contractNamed(source: string): SourceContract {
  const contract = sources.get(source);
  if (!contract) throw new Error(`the contract ${source} is gone`);
  return contract;
}

/** Every source contract. */
export const contracts: readonly SourceContract[] = [...sources.values()];
