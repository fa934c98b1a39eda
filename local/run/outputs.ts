import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What a run writes where the user wants it. */
export interface Outputs {
  /** File for the report (JSON). */
  readonly report?: string;
  /** Folder for the published tables. */
  readonly export?: string;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path itself, or the nearest folder above it that is there. */
function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

function check(option: string, path: string, wanted: 'file' | 'folder'): void {
  const existing = nearestExisting(resolve(path));
  const isThere = existing === resolve(path);
  const isFolder = statSync(existing).isDirectory();
  const refuse = (reason: string): never => {
    throw new Error(`${option} ${path}: ${reason} Name a ${wanted} that can be written.`);
  };
  if (isThere && isFolder !== (wanted === 'folder'))
    refuse(`it is a ${isFolder ? 'folder' : 'file'}, not a ${wanted}.`);
  if (!isThere && !isFolder) refuse(`${existing} is a file, so nothing can be made in it.`);
  if (!isWritable(existing)) refuse(`no permission to write to ${existing}.`);
}

/**
 * Refuses outputs that cannot be written, at the start: otherwise the run would fail only at its end.
 *
 * @throws Error that names the option, the path, the reason and what to do
 */
export function checkOutputs({ report, export: exportFolder }: Outputs): void {
  if (report !== undefined) check('--report', report, 'file');
  if (exportFolder !== undefined) check('--export', exportFolder, 'folder');
}
