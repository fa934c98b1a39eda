import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { ASSEMBLIES, ROOT } from '../paths';

/** Everything that a synthesised assembly depends on. */
const SOURCES = [
  'bin/**',
  'lib/**',
  'environments/**',
  'contracts/**',
  'glue-scripts/**',
  'airflow/**',
  'dbt/**',
  'cdk.json',
  'package-lock.json',
  'tsconfig.json',
];

function hashOfSources(app: string): string {
  // An assembly that was made without the security rules is never one that `npm run local` uses.
  const hash = createHash('sha256').update(process.env.CDK_VALIDATION ?? '');
  const files = globSync([...SOURCES, app], { cwd: ROOT, exclude: (name) => String(name).includes('__pycache__') });
  for (const file of files.sort()) {
    const path = join(ROOT, file);
    if (statSync(path).isFile()) hash.update(file).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Synthesises the CDK app for an environment; an assembly already made from the same sources is used again.
 *
 * @param app module of the CDK app, from the repository's top
 * @returns the assembly's folder
 * @throws ExecaError with the app's own message, for example on a wrong setting or a security rule that is not met
 */
export async function synthesise(environment = 'local', app = 'bin/app.ts'): Promise<string> {
  const folder = join(ASSEMBLIES, `${environment}-${hashOfSources(app)}`);
  if (existsSync(join(folder, 'manifest.json'))) {
    // The folder's time is that of its last use: when there are too many, the oldest are removed.
    utimesSync(folder, new Date(), new Date());
    return folder;
  }
  const made = `${folder}.${process.pid}`;
  await execa('node', ['--import', 'tsx', app], {
    cwd: ROOT,
    preferLocal: true,
    env: { CDK_OUTDIR: made, CDK_CONTEXT_JSON: JSON.stringify({ ...contextOfApp(), env: environment }) },
  });
  // Two runs may make the same assembly at once: the first to finish is kept.
  try {
    renameSync(made, folder);
  } catch (error) {
    if (!existsSync(join(folder, 'manifest.json'))) throw error;
    rmSync(made, { recursive: true, force: true });
  }
  return folder;
}

/** The context that the CDK command line would give the app. */
function contextOfApp(): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context?: Record<string, unknown> };
  return context ?? {};
}
