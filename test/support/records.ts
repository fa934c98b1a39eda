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
  const record: Record<string, unknown> = Object.fromEntries(fieldKeys(contract.source).map((key) => [key, value]));
  for (const [key, kind] of Object.entries(contract.recognise.types)) {
    record[key] = { object: {}, array: [], value }[kind];
  }
  for (const [first, ...inner] of contract.recognise.all) {
    const key = String(first);
    const nested = inner.reduceRight<unknown>((within, step) => ({ [String(step)]: within }), value);
    if (inner.length > 0 || !(key in record)) record[key] = nested;
  }
  return record;
}

/** A contract that the tests count on. */
export function contractNamed(source: string): SourceContract {
  const contract = sources.get(source);
  if (!contract) throw new Error(`the contract ${source} is gone`);
  return contract;
}

/** Every source contract whose files are JSON, which has the layouts that are tried with each. */
export const contracts: readonly SourceContract[] = [...sources.values()].filter(({ format }) => format === 'json');
