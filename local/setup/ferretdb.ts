import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { binOf, FERRETDB, LOCAL, ROOT } from '../paths';
import { hashOfFiles, isCurrent, markCurrent } from './stamp';

/** `<module> <version> <hash>`, as go.sum has it. The module's own go.sum locks what it needs. */
const LOCK = join(ROOT, 'local/setup/ferretdb.sum');

/** Name of the part in `parts.json`. */
export const FERRETDB_PART = 'ferretdb';

export const ferretdbInstalled = (): boolean => existsSync(FERRETDB) && isCurrent(FERRETDB_PART, hashOfFiles([LOCK]));

/**
 * Builds FerretDB from its source, which Go's module proxy gives, and accepts it only if its hash is the locked one. The Go is that of
 * the environment "go", so that the machine needs none.
 *
 * @throws Error that says that the source is another one, or what Go itself says
 */
export async function installFerretdb(): Promise<void> {
  const [module = '', version = '', hash = ''] = readFileSync(LOCK, 'utf8').trim().split(' ');
  const work = join(LOCAL, 'ferretdb-build');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const fetched = JSON.parse(await go(work, work, ['mod', 'download', '-json', `${module}@${version}`]));
    if (fetched.Sum !== hash) throw new Error(`${module} ${version} has the hash ${fetched.Sum}, not that of ${LOCK}.`);
    const source = join(work, 'source');
    cpSync(fetched.Dir, source, { recursive: true });
    // The module has it from its repository's tags, which the proxy does not give; the program ends at once without it.
    writeFileSync(join(source, 'build/version/version.txt'), `${version}\n`);
    const built = join(work, 'ferretdb');
    await go(work, source, ['build', '-trimpath', '-ldflags', '-s -w', '-o', built, './cmd/ferretdb']);
    rmSync(FERRETDB, { force: true });
    mkdirSync(join(FERRETDB, '..'), { recursive: true });
    renameSync(built, FERRETDB);
    markCurrent(FERRETDB_PART, hashOfFiles([LOCK]));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Runs Go with all that it keeps in one folder; returns what it prints. */
async function go(work: string, cwd: string, args: readonly string[]): Promise<string> {
  const folders = { GOPATH: join(work, 'path'), GOMODCACHE: join(work, 'modules'), GOCACHE: join(work, 'cache') };
  try {
    // Its modules are read-only otherwise, and could not be removed.
    const env = { ...folders, CGO_ENABLED: '0', GOFLAGS: '-modcacherw -buildvcs=false', GOTOOLCHAIN: 'local' };
    return (await execa(join(binOf('go'), 'go'), args, { cwd, env })).stdout;
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    throw new Error(`FerretDB could not be built: ${error.stderr || error.message}`);
  }
}
