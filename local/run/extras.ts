import { InvalidArgumentError } from 'commander';

/** What a run may have beside the usual parts: what connectors fetch from, capture of the changes of a database, a topic of Kafka. */
const EXTRAS = ['rest', 'postgres', 'mysql', 'mongodb', 'cassandra', 'azure', 'gcs', 'cdc', 'kafka'] as const;

export type Extra = (typeof EXTRAS)[number];

const isExtra = (name: string): name is Extra => EXTRAS.some((extra) => extra === name);

/** Reads a list such as `rest,cdc`, names between commas. */
export function readExtras(text: string): readonly Extra[] {
  const names = text.split(',');
  const [unknown] = names.filter((name) => !isExtra(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is none of: ${EXTRAS.join(', ')}.`);
  return names.filter(isExtra);
}
