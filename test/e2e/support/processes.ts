import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes whose command line holds all the texts (Linux: /proc). */
export function processesNaming(...texts: readonly string[]): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return texts.every((text) => commandLine.includes(text));
      } catch {
        // The process has ended since the folder was read.
        return false;
      }
    })
    .map(Number);
}
