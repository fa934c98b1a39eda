import { InvalidArgumentError } from 'commander';
import type { SourceName } from '../platform/sources';

/** What a run may have beside the usual parts: connectors, and what they fetch from. */
const EXTRAS: readonly SourceName[] = ['rest', 'postgres'];

const isExtra = (name: string): name is SourceName => EXTRAS.some((extra) => extra === name);

/** Reads a list such as `rest,postgres`, names between commas. */
export function readExtras(text: string): readonly SourceName[] {
  const names = text.split(',');
  const [unknown] = names.filter((name) => !isExtra(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of: ${EXTRAS.join(', ')}.`);
  return names.filter(isExtra);
}
