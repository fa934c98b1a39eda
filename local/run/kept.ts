import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNS } from '../paths';
import type { LocalAirflow } from '../platform/airflow';
import { awsClients } from '../platform/aws-clients';
import type { Platform, PlatformOutputs } from '../platform/platform';
import type { BuildTarget } from './dag-runs';

/** What another process needs to reach a run that is kept up. */
interface KeptRun {
  readonly endpoint: string;
  readonly outputs: PlatformOutputs;
  readonly warehouse: Platform['warehouse'];
  /** Where Airflow answers, and what its stack says of it. */
  readonly airflow?: Pick<LocalAirflow, 'address' | 'outputs'>;
  /** Address of its page. */
  readonly page: string;
  readonly pid: number;
}

/** A run that is kept up, seen from another process. */
export interface Kept extends BuildTarget {
  /** Folder of its state. */
  readonly folder: string;
  readonly page: string;
  readonly pid: number;
  readonly airflow?: BuildTarget['airflow'] & Pick<LocalAirflow, 'address'>;
}

const FILE = 'run.json';

/** Makes a folder for the state of a new run; its name sorts by time. */
export function newRunFolder(): string {
  const folder = join(RUNS, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Notes where a run answers, for other processes of this machine. */
export function announceKept(folder: string, { endpoint, outputs, warehouse, airflow }: Platform, page: string): void {
  const kept: KeptRun = {
    ...{ endpoint, outputs, warehouse, page, pid: process.pid },
    ...(airflow && { airflow: { address: airflow.address, outputs: airflow.outputs } }),
  };
  // It holds the page's token and Airflow's password.
  writeFileSync(join(folder, FILE), JSON.stringify(kept), { mode: 0o600 });
}

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether the process of a run's folder, which its name ends with, still runs. */
export const isRunning = (folder: string): boolean => isAlive(Number(/-(\d+)$/.exec(folder)?.[1] ?? Number.NaN));

/** Every run that is kept up on this machine, the newest first. */
export function keptRuns(): Kept[] {
  const folders = existsSync(RUNS) ? readdirSync(RUNS).sort().reverse() : [];
  return folders.flatMap((name) => {
    const folder = join(RUNS, name);
    const file = join(folder, FILE);
    if (!existsSync(file)) return [];
    const { airflow, ...kept } = JSON.parse(readFileSync(file, 'utf8')) as KeptRun;
    if (!isAlive(kept.pid)) return [];
    // It serves already: a run is kept up when its presentation tables are built.
    const ready = { ...airflow, ready: async () => 0 };
    return [{ ...kept, folder, aws: awsClients(kept.endpoint), ...(airflow && { airflow: { ...airflow, ...ready } }) }];
  });
}

/**
 * Reaches the newest run that is kept up on this machine.
 *
 * @throws Error that says how to start one
 */
export function newestKept(): Kept {
  const [newest] = keptRuns();
  if (!newest) throw new Error('No run is kept up on this machine. Start one with: npm run local -- --keep');
  return newest;
}

export const discard = (folder: string): void => rmSync(folder, { recursive: true, force: true });
