import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Ids of the processes of which something holds (Linux: /proc). */
function processesWhere(holds: (folder: string) => boolean): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return holds(`/proc/${pid}`);
      } catch {
        // The process has ended since the folder was read.
        return false;
      }
    })
    .map(Number);
}

/** Ids of the processes whose command line holds all the texts. */
export function processesNaming(...texts: readonly string[]): number[] {
  return processesWhere((process) => {
    const commandLine = readFileSync(`${process}/cmdline`, 'utf8');
    return texts.every((text) => commandLine.includes(text));
  });
}

/** Ids of the processes that work in a folder or below: Airflow's, which rewrite their command lines. */
export const processesIn = (folder: string): number[] =>
  processesWhere((process) => readlinkSync(`${process}/cwd`).startsWith(folder));

/** Ids of the processes in whose environment all the texts are. */
export const processesWithEnvironment = (...texts: readonly string[]): number[] =>
  processesWhere((process) => {
    const environment = readFileSync(`${process}/environ`, 'utf8');
    return texts.every((text) => environment.includes(text));
  });
