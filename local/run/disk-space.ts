import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ASSEMBLIES, RUNS } from '../paths';
import { isRunning } from './kept';

/** From this age on an entry is removed even if there are few, counted from its last use (days). */
const MAX_AGE_DAYS = 7;

/** An entry used within this time is never removed, because another process may be reading it (hours). */
const IN_USE_HOURS = 1;

const HOUR_MS = 3_600_000;

interface Kept {
  readonly folder: string;
  /** Of what it holds, in the singular and in the plural. */
  readonly name: readonly [string, string];
  /** How many to keep, the newest first. */
  readonly most: number;
  /** Whether an entry is in use, whatever its age. */
  readonly inUse?: (entry: string) => boolean;
}

/** Folders that grow with every run. A run that ended well has removed its own state; what is left failed, was killed or is kept up. */
export const KEPT: readonly Kept[] = [
  { folder: RUNS, name: ['old run', 'old runs'], most: 3, inUse: isRunning },
  { folder: ASSEMBLIES, name: ['old assembly', 'old assemblies'], most: 6 },
];

function bytesOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, entry) => bytes + statSync(join(entry.parentPath, entry.name)).size, 0);
}

/** Paths of what a folder holds too much of, by their last use. */
function excess({ folder, most, inUse = () => false }: Kept, now: number): string[] {
  const entries = existsSync(folder) ? readdirSync(folder) : [];
  return entries
    .map((entry) => ({
      entry,
      path: join(folder, entry),
      hours: (now - statSync(join(folder, entry)).mtimeMs) / HOUR_MS,
    }))
    .sort((one, other) => one.hours - other.hours)
    .filter(({ hours }, rank) => hours > MAX_AGE_DAYS * 24 || (rank >= most && hours > IN_USE_HOURS))
    .filter(({ entry }) => !inUse(entry))
    .map(({ path }) => path);
}

/**
 * Removes what earlier runs have left behind, beyond a few of each kind.
 *
 * @returns one line that says what was removed, or undefined where nothing was
 */
export function boundDiskSpace(kept: readonly Kept[] = KEPT, now = Date.now()): string | undefined {
  let bytes = 0;
  const removed = kept.flatMap((kind) => {
    const paths = excess(kind, now);
    for (const path of paths) {
      bytes += bytesOf(path);
      rmSync(path, { recursive: true, force: true });
    }
    return paths.length > 0 ? [`${paths.length} ${kind.name[paths.length === 1 ? 0 : 1]}`] : [];
  });
  return removed.length > 0 ? `Removed ${removed.join(' and ')}: ${Math.ceil(bytes / 1e6)} MB.` : undefined;
}

/**
 * Removes all that runs have left behind.
 *
 * @returns one line that says what was removed
 * @throws Error where a run is up, whose assembly would go with the others
 */
export function clean(kept: readonly Kept[] = KEPT): string {
  for (const { folder, inUse } of kept) {
    const [used] = inUse && existsSync(folder) ? readdirSync(folder).filter(inUse) : [];
    if (used) throw new Error(`The run ${used} is up. Stop it first: npm run local -- stop`);
  }
  return boundDiskSpace(kept, Number.MAX_SAFE_INTEGER) ?? 'There is nothing to remove.';
}
