import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../local/paths';

/** What each module imports, type imports included: packages by their name, modules of the repository by their path. */
export type ImportGraph = Readonly<Record<string, readonly string[]>>;

/** Reads the imports of every module of a folder, as Biome formats them. */
export function readImportGraph(folder: string): ImportGraph {
  const modules = globSync(`${folder}/**/*.ts`, { cwd: ROOT });
  return Object.fromEntries(
    modules.map((module) => [module, importsOf(module, readFileSync(join(ROOT, module), 'utf8'))]),
  );
}

function importsOf(module: string, source: string): string[] {
  const specifiers = [...source.matchAll(/^(?:import|export|\}).* from '([^']+)';$|\bimport\('([^']+)'\)/gm)];
  return specifiers.flatMap(([, stated, dynamic]) => resolve(module, stated ?? dynamic ?? ''));
}

function resolve(module: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  const path = join(dirname(module), specifier);
  return path.endsWith('.json') ? path : `${path}.ts`;
}

/** Rooms of `lib/`: a room imports itself and those it names. Those of the domains follow the path of a review backwards. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  functions: ['contracts'],
  config: ['contracts'],
  kit: ['config'],
  storage: ['kit', 'config', 'contracts'],
  processing: ['storage', 'kit', 'config', 'contracts'],
  intake: ['processing', 'storage', 'kit', 'config', 'contracts'],
  connectors: ['processing', 'storage', 'kit', 'config', 'contracts'],
  'change-capture': ['processing', 'storage', 'kit', 'config', 'contracts'],
  streams: ['processing', 'storage', 'kit', 'config', 'contracts'],
  warehouse: ['processing', 'storage', 'kit', 'config', 'contracts'],
  orchestration: ['processing', 'kit', 'config', 'contracts'],
  monitoring: ['change-capture', 'connectors', 'orchestration', 'intake', 'processing', 'kit', 'config', 'contracts'],
};

/** What several functions share. */
const SHARED_BY_FUNCTIONS = ['alerts', 'ledger', 'runtime', 'snowflake', 'storage'];

const CDK = /^(aws-cdk-lib|constructs|cdk-nag)(\/|$)/;

/** Imports that pass through a wall, as `module → import`. */
export function trespasses(graph: ImportGraph): string[] {
  return Object.entries(graph).flatMap(([module, imports]) =>
    imports.filter((imported) => isTrespass(module, imported)).map((imported) => `${module} → ${imported}`),
  );
}

function isTrespass(module: string, imported: string): boolean {
  const [room, part] = placeOf(module);
  if (CDK.test(imported)) return room === 'functions' || room === 'contracts';
  // `lib/review-pipeline.ts` puts the stacks of all rooms together; functions have only their entry, which is no import.
  if (!imported.startsWith('lib/')) return false;
  const [importedRoom, importedPart] = placeOf(imported);
  if (room === undefined) return importedRoom === 'functions';
  if (room === 'functions' && importedRoom === 'functions') {
    return part !== importedPart && !SHARED_BY_FUNCTIONS.includes(importedPart ?? '');
  }
  return room !== importedRoom && !(ROOMS[room] ?? []).includes(importedRoom ?? '');
}

/** Room of `lib/` that a module is in, undefined for one of no room, and the folder inside the room. */
function placeOf(module: string): [room: string | undefined, part: string | undefined] {
  const [, room, part] = module.split('/');
  return room?.endsWith('.ts') ? [undefined, undefined] : [room, part];
}

/** Modules from which a path of imports leads back to themselves. */
export function circular(graph: ImportGraph): string[] {
  return Object.keys(graph).filter((module) => {
    const reached = new Set<string>();
    const ahead = [...(graph[module] ?? [])];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      ahead.push(...(graph[next] ?? []));
    }
    return reached.has(module);
  });
}
