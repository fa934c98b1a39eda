import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Zippable, zipSync } from 'fflate';

export interface LockedWheels {
  /** Hash-locked requirements, from the top of the repository. */
  readonly lock: string;
  /** Folder that keeps finished zips, so that a machine fetches them once. */
  readonly cache: string;
  /** Processor that the wheels are made for, as Python names it. Both run on Python 3.13. */
  readonly processor: 'x86_64' | 'aarch64';
  /** End of the zip's name. */
  readonly ending: string;
  /** How hard the zip is compressed: 0 for wheels, which are compressed already. */
  readonly level: 0 | 6;
  /** What the zip holds: made of the wheels by their names, and of the lock file. */
  readonly content: (wheels: Readonly<Record<string, Uint8Array>>, lock: string) => Zippable;
}

const TOP = fileURLToPath(new URL('../..', import.meta.url));

/** Versions of glibc that wheels are made for. Glue 6.0 and Lambda's Python 3.13 are Amazon Linux 2023, which has 2.34 and runs all of them. */
const GLIBC_MINORS = [28, 27, 26, 17];

/** The last lines of what pip says hold the cause. */
const LINES_SHOWN = 5;

/** The earliest time that a zip can hold: with a time of its own, each zip of the same wheels would be another asset. */
const NO_TIME = new Date(1980, 0, 1);

/**
 * A zip made of the wheels of a lock file. They are fetched by pip, from the index that it is set up for, once for each state of the
 * lock file.
 *
 * @returns path of the zip
 * @throws Error where the wheels are not here yet and cannot be fetched; it says what to do
 */
export function zipOfWheels(wheels: LockedWheels): string {
  const { cache, ending } = wheels;
  const lock = readFileSync(join(TOP, wheels.lock), 'utf8');
  const download = downloadOf(wheels.processor);
  const state = createHash('sha256').update(download.join('\n')).update(lock).digest('hex');
  const zip = join(cache, `${state.slice(0, 32)}${ending}`);
  if (existsSync(zip)) return zip;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'fetching-'));
  try {
    fetchInto(folder, wheels, download);
    const fetched = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
    const made = join(folder, 'made.zip');
    writeFileSync(made, zipSync(wheels.content(fetched, lock), { level: wheels.level, mtime: NO_TIME }));
    // Only a whole zip ever has the name, also where two processes make it at the same time.
    renameSync(made, zip);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return zip;
}

function downloadOf(processor: LockedWheels['processor']): string[] {
  return [
    ...['-m', 'pip', 'download', '--quiet', '--only-binary=:all:', '--require-hashes', '--no-deps'],
    ...['--python-version=3.13', '--implementation=cp'],
    ...GLIBC_MINORS.map((minor) => `--platform=manylinux_2_${minor}_${processor}`),
    `--platform=manylinux2014_${processor}`,
  ];
}

function fetchInto(folder: string, { lock, cache }: LockedWheels, download: readonly string[]): void {
  try {
    execFileSync('python3', [...download, '--requirement', join(TOP, lock), '--dest', folder], {
      stdio: 'pipe',
      encoding: 'utf8',
    });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    const cause = (stderr.trim() || message).split('\n').slice(-LINES_SHOWN).join('\n');
    throw new Error(
      `The wheels of ${lock} could not be fetched by "python3 -m pip download":\n${cause}\nNext: repeat this where pip is installed and reaches a package index. The wheels are then kept in .local/${basename(cache)}, and synthesis needs no network any more.`,
    );
  }
}
