import type { SourceContract } from '../../contracts/sources';
import type { ObjectShape, Shape } from './value-scanner';

/** The value at a path. */
export function follow(shape: Shape | undefined, path: readonly (string | number)[]): Shape | undefined {
  return path.reduce<Shape | undefined>((at, step) => {
    if (at === undefined || at === 'scalar') {
      return undefined;
    }
    return at.kind === 'object' ? at.members.get(String(step)) : at.elements[Number(step)];
  }, shape);
}

/** The records inside a document, by the contract's wrapper; undefined where the document is not wrapped so. */
export function wrappedRecords(document: Shape | undefined, wrapper: SourceContract['wrapper']): Shape[] | undefined {
  for (const path of wrapper?.paths ?? []) {
    const container = follow(document, path);
    if (container === undefined || container === 'scalar') {
      continue;
    }
    // Some interfaces of a producer answer with a list of what others give by id.
    return container.kind === 'object' ? [...container.members.values()] : container.elements;
  }
  return undefined;
}

function matches(record: ObjectShape, { recognise }: SourceContract): boolean {
  return (
    recognise.all.every((key) => record.members.has(key)) && !recognise.none.some((key) => record.members.has(key))
  );
}

/** The contract whose keys the record has; of several, the one that asks for most. */
export function recogniseRecord(
  record: Shape | undefined,
  contracts: readonly SourceContract[],
): SourceContract | undefined {
  if (record === undefined || record === 'scalar' || record.kind !== 'object') {
    return undefined;
  }
  return contracts
    .filter((contract) => matches(record, contract))
    .reduce<SourceContract | undefined>(
      (best, contract) => (best && best.recognise.all.length >= contract.recognise.all.length ? best : contract),
      undefined,
    );
}
