import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RUNS } from '../paths';
import { awsClients } from '../platform/aws-clients';
import type { Deployed, Platform, PlatformOutputs } from '../platform/platform';

/** What another process needs to reach a run that is kept up. */
interface KeptRun {
  readonly endpoint: string;
  readonly outputs: PlatformOutputs;
  readonly warehouse: Platform['warehouse'];
  readonly pid: number;
}

const FILE = 'run.json';

/** Makes a folder for the state of a new run; its name sorts by time. */
export function newRunFolder(): string {
  const folder = join(RUNS, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

export const announceKept = (folder: string, { endpoint, outputs, warehouse }: Platform): void =>
  writeFileSync(
    join(folder, FILE),
    JSON.stringify({ endpoint, outputs, warehouse, pid: process.pid } satisfies KeptRun),
  );

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether the process of a run's folder, which its name ends with, still runs. */
export const isRunning = (folder: string): boolean => isAlive(Number(/-(\d+)$/.exec(folder)?.[1] ?? Number.NaN));

/**
 * Reaches the newest run that is kept up on this machine.
 *
 * @throws Error that says how to start one
 */
export function newestKept(): Deployed & Pick<Platform, 'endpoint' | 'warehouse'> {
  const folders = existsSync(RUNS) ? readdirSync(RUNS).sort().reverse() : [];
  for (const folder of folders) {
    const file = join(RUNS, folder, FILE);
    if (!existsSync(file)) continue;
    const { endpoint, outputs, warehouse, pid } = JSON.parse(readFileSync(file, 'utf8')) as KeptRun;
    if (!isAlive(pid)) continue;
    return { endpoint, outputs, warehouse, aws: awsClients(endpoint) };
  }
  throw new Error('No run is kept up on this machine. Start one with: npm run local -- --keep');
}

export const discard = (folder: string): void => rmSync(folder, { recursive: true, force: true });
