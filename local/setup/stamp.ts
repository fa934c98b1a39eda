import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LOCAL } from '../paths';

const stampFile = (name: string): string => join(LOCAL, 'setup', `${name}.sha256`);

/** SHA-256 (hexadecimal) of the files' contents, one after the other. */
export function hashOfFiles(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Whether the part called `name` was last set up from inputs with this hash. */
export function isCurrent(name: string, hash: string): boolean {
  const file = stampFile(name);
  return existsSync(file) && readFileSync(file, 'utf8') === hash;
}

/** Notes that the part called `name` is set up from inputs with this hash. Call it last, so that an interrupted set-up is repeated. */
export function markCurrent(name: string, hash: string): void {
  const file = stampFile(name);
  mkdirSync(dirname(file), { recursive: true });
  // Replaced, not written over: another checkout may hold the same file by a hard link.
  writeFileSync(`${file}.new`, hash);
  renameSync(`${file}.new`, file);
}
