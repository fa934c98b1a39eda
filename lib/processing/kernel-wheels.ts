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
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';

/** Hash-locked requirements of the kernel: what a worker gets from the deployment. */
const LOCK = fileURLToPath(new URL('../../glue-scripts/requirements-kernel.txt', import.meta.url));

/** Where finished zips are kept, so that a machine fetches them once. */
const CACHE = fileURLToPath(new URL('../../.local/kernel-wheels', import.meta.url));

/** Python and platform of a Glue 6.0 worker: Amazon Linux 2023 has glibc 2.34, which runs wheels made for any older one. */
const TARGET = [
  '--python-version=3.13',
  '--implementation=cp',
  ...[28, 27, 26, 17].map((minor) => `--platform=manylinux_2_${minor}_x86_64`),
  '--platform=manylinux2014_x86_64',
];

const DOWNLOAD = [
  '-m',
  'pip',
  'download',
  '--quiet',
  '--only-binary=:all:',
  '--require-hashes',
  '--no-deps',
  ...TARGET,
];

/** The last lines of what pip says hold the cause. */
const LINES_SHOWN = 5;

/** The earliest time that a zip can hold: with a time of its own, each zip of the same wheels would be another asset. */
const NO_TIME = new Date(1980, 0, 1);

/**
 * The kernel's wheels as AWS Glue takes them: one zip of `wheels/*.whl` and `wheels/requirements.txt`. They are fetched by pip, from
 * the index that it is set up for, once for each state of the lock file.
 *
 * @param cache folder that keeps the zips
 * @returns path of the zip
 * @throws Error where the wheels are not here yet and cannot be fetched; it says what to do
 */
export function zipOfKernelWheels(cache = CACHE): string {
  const lock = readFileSync(LOCK, 'utf8');
  const state = createHash('sha256').update(DOWNLOAD.join('\n')).update(lock).digest('hex');
  const zip = join(cache, `${state.slice(0, 32)}.gluewheels.zip`);
  if (existsSync(zip)) return zip;
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'fetching-'));
  try {
    download(folder);
    const wheels = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
    const content = { wheels: { ...wheels, 'requirements.txt': new TextEncoder().encode(pins(lock)) } };
    const made = join(folder, 'made.zip');
    // Wheels are compressed already.
    writeFileSync(made, zipSync(content, { level: 0, mtime: NO_TIME }));
    // Only a whole zip ever has the name, also where two processes make it at the same time.
    renameSync(made, zip);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return zip;
}

function download(folder: string): void {
  try {
    execFileSync('python3', [...DOWNLOAD, '--requirement', LOCK, '--dest', folder], {
      stdio: 'pipe',
      encoding: 'utf8',
    });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    const cause = (stderr.trim() || message).split('\n').slice(-LINES_SHOWN).join('\n');
    throw new Error(
      `The wheels of glue-scripts/requirements-kernel.txt could not be fetched by "python3 -m pip download":\n${cause}\nNext: repeat this where pip is installed and reaches a package index. The wheels are then kept in .local/kernel-wheels, and synthesis needs no network any more.`,
    );
  }
}

/**
 * The lock's requirements without their hashes: pip has checked those, and refuses whatever else Glue may install in the same
 * command as long as it has none.
 */
function pins(lock: string): string {
  const found = [...lock.matchAll(/^[\w.-]+==[^\s\\]+/gm)].map(([pin]) => pin);
  return `${found.join('\n')}\n`;
}
