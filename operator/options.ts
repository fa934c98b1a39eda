import { InvalidArgumentError, Option } from 'commander';
import { LOCAL_ENVIRONMENT } from '../lib/config/environments';
import type { Deployment } from './deployment';
import { readSince } from './since';

/** What all commands share: the environment they work on, and where their text goes. */
export interface Desk {
  /** The environment that --env or --local names. */
  environment(): string;
  deployment(): Promise<Deployment>;
  say(text: string): void;
}

export const deskFor = (options: () => { env?: string; local?: true }): Desk => {
  const environment = () => options().env ?? LOCAL_ENVIRONMENT;
  return {
    environment,
    // What a command needs is loaded when it runs: help comes at once, and a broken contract stops no other command.
    deployment: async () => (await import('./deployment')).connect(environment()),
    say: (text) => console.log(text),
  };
};

export const since = (byDefault: string) =>
  new Option('--since <time>', 'so long ago (90m, 24h, 7d), or a time in ISO 8601')
    .argParser(readSince)
    .default(readSince(byDefault), byDefault);

export const asJson = () => new Option('--json', 'write JSON instead of text');

/** Reads a whole number from 1. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give a whole number, from 1.');
  return Number(text);
}

/** Reads a number that is not negative. */
export function amount(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Give a number such as 40 or 0.5.');
  return Number(text);
}

/** Examples below a command's options. */
export const examples = (...lines: readonly string[]): string =>
  ['', 'Examples:', ...lines.map((line) => `  npm run reviews -- ${line}`)].join('\n');
