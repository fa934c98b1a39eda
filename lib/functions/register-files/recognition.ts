import type { SourceContract } from '../../contracts/sources';
import { isObject, type ObjectShape, type Shape } from './value-scanner';

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

/** What a contract asks of a record that the record has not, each in a few words. */
function unmet(record: ObjectShape, { recognise }: SourceContract): string[] {
  const missing = recognise.all.filter((path) => follow(record, path) === undefined);
  const others = Object.entries(recognise.types).filter(([key, kind]) => kindOf(record.members.get(key)) !== kind);
  const unwanted = recognise.none.filter((key) => record.members.has(key));
  return [
    ...missing.map((path) => `"${path.join('.')}" is missing`),
    ...others.filter(([key]) => record.members.has(key)).map(([key, kind]) => `"${key}" is no ${kind}`),
    ...unwanted.map((key) => `"${key}" is there`),
  ];
}

function kindOf(shape: Shape | undefined): 'object' | 'array' | 'value' | undefined {
  return shape === 'scalar' ? 'value' : shape?.kind;
}

/** How much a contract asks for. */
function demand({ recognise }: SourceContract): number {
  return recognise.all.length + Object.keys(recognise.types).length;
}

const MAX_KEYS_SHOWN = 12;
// What a person may have typed (a name, an address, a number) is no key to show.
const PLAIN_KEY = /^(?!.*\d{4})[$@_A-Za-z][\w$:/.-]{0,39}$/;

/** Whether a key can only be a field's name. */
export const isPlainKey = (key: string): boolean => PLAIN_KEY.test(key);

/**
 * Of a record that no contract recognises: its keys, and the contract that comes closest.
 *
 * @returns undefined where the value is no object
 */
export function nearMiss(record: Shape | undefined, contracts: readonly SourceContract[]): string | undefined {
  if (!isObject(record)) {
    return undefined;
  }
  const shown = [...record.members.keys()].filter(isPlainKey).slice(0, MAX_KEYS_SHOWN);
  const others = record.members.size - shown.length;
  const keys = `the first record has the keys ${[...shown, ...(others > 0 ? [`${others} more`] : [])].join(', ')}`;
  const [closest] = contracts
    .map((contract) => ({ contract, lacks: unmet(record, contract) }))
    .map((each) => ({ ...each, share: each.lacks.length / demand(each.contract) }))
    .filter(({ share }) => share <= 0.5)
    .sort((a, b) => a.share - b.share);
  return closest ? `${keys}; ${closest.contract.source} comes closest, but ${closest.lacks.join(', ')}` : keys;
}

/** The contract whose keys the record has; of several, the one with the most keys. */
export function recogniseRecord(
  record: Shape | undefined,
  contracts: readonly SourceContract[],
): SourceContract | undefined {
  if (!isObject(record)) {
    return undefined;
  }
  return contracts
    .filter((contract) => unmet(record, contract).length === 0)
    .reduce<SourceContract | undefined>(
      (best, contract) => (best && demand(best) >= demand(contract) ? best : contract),
      undefined,
    );
}
