import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { AZURITE, ROOT } from '../paths';
import { hashOfFiles, isCurrent, markCurrent } from './stamp';

const FILES = ['package.json', 'package-lock.json'];
const SOURCE = join(ROOT, 'local/emulators/azure');

const hash = (): string => hashOfFiles(FILES.map((file) => join(SOURCE, file)));

/** Whether Azurite is installed, from the lock file as it is now. */
export const azuriteInstalled = (): boolean =>
  existsSync(join(AZURITE, 'node_modules')) && isCurrent('azurite', hash());

/**
 * Installs Azurite from its lock file. Nothing of it runs while it is installed.
 *
 * @throws Error with npm's own words
 */
export async function installAzurite(): Promise<void> {
  rmSync(AZURITE, { recursive: true, force: true });
  mkdirSync(AZURITE, { recursive: true });
  for (const file of FILES) copyFileSync(join(SOURCE, file), join(AZURITE, file));
  try {
    await execa('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'], {
      cwd: AZURITE,
      all: true,
    });
  } catch (error) {
    const said = error instanceof ExecaError ? (error.all ?? error.message) : String(error);
    throw new Error(`Azurite (local/emulators/azure/package-lock.json) could not be installed: ${said}`);
  }
  markCurrent('azurite', hash());
}
