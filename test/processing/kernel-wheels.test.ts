import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { zipOfKernelWheels } from '../../lib/processing/kernel-wheels';
import { binOf, ROOT } from '../../local/paths';

const folder = mkdtempSync(join(tmpdir(), 'kernel-wheels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let zip: string;
let files: Record<string, Uint8Array>;
beforeAll(() => {
  zip = zipOfKernelWheels();
  files = unzipSync(readFileSync(zip));
}, 300_000);

const lock = readFileSync(join(ROOT, 'glue-scripts/requirements-kernel.txt'), 'utf8');
const pins = [...lock.matchAll(/^(\S+)==(\S+)/gm)].map(([, name = '', version = '']) => ({ name, version }));
const text = (name: string): string => new TextDecoder().decode(files[name]);

describe('the zip of wheels', () => {
  it('holds one wheel for each requirement of the lock file, and the requirements', () => {
    const wheels = Object.keys(files).filter((name) => name.endsWith('.whl'));
    expect(wheels.map((name) => basename(name).split('-').slice(0, 2).join('==')).sort()).toEqual(
      pins.map(({ name, version }) => `${name}==${version}`).sort(),
    );
    expect(new Set(wheels.map(dirname))).toEqual(new Set(['wheels']));
    expect(text('wheels/requirements.txt')).toBe(pins.map(({ name, version }) => `${name}==${version}\n`).join(''));
  });

  it('holds the versions that the scripts are tested with', () => {
    const tested = readFileSync(join(ROOT, 'glue-scripts/requirements.txt'), 'utf8');
    for (const { name, version } of pins) expect(tested).toContain(`\n${name}==${version} \\\n`);
  });

  it('is made once: afterwards neither pip nor the network is asked', () => {
    const made = statSync(zip).mtimeMs;
    vi.stubEnv('PATH', '');
    expect(zipOfKernelWheels()).toBe(zip);
    vi.unstubAllEnvs();
    expect(statSync(zip).mtimeMs).toBe(made);
  });
});

describe('wheels that cannot be fetched', () => {
  it('are named with the cause and what to do, and leave nothing behind', () => {
    const cache = join(folder, 'cache');
    vi.stubEnv('PIP_NO_INDEX', '1');
    vi.stubEnv('PIP_FIND_LINKS', '');
    expect(() => zipOfKernelWheels(cache)).toThrow(
      /requirements-kernel\.txt could not be fetched .*\n.*No matching distribution.*\nNext: .*reaches a package index/s,
    );
    vi.unstubAllEnvs();
    expect(readdirSync(cache)).toEqual([]);
  });

  it('are named where there is no pip at all', () => {
    vi.stubEnv('PATH', folder);
    expect(() => zipOfKernelWheels(join(folder, 'cache'))).toThrow(/python3.*ENOENT.*Next: .*where pip is installed/s);
    vi.unstubAllEnvs();
  });
});

// Wheels are made for one platform; a worker of Glue is x86-64 Linux.
const onThePlatformOfGlue = process.platform === 'linux' && process.arch === 'x64';

describe.runIf(onThePlatformOfGlue)('a fresh Python 3.13', () => {
  const environment = join(folder, 'environment');
  const python = join(environment, 'bin/python');
  const run = (code: string): string => execFileSync(python, ['-I', '-c', code], { encoding: 'utf8' }).trim();

  beforeAll(() => {
    for (const [name, content] of Object.entries(files).filter(([name]) => !name.endsWith('/'))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    execFileSync(join(binOf('glue'), 'python'), ['-m', 'venv', '--without-pip', environment]);
    const wheels = join(folder, 'wheels');
    const source = ['--no-index', '--find-links', wheels, '--requirement', join(wheels, 'requirements.txt')];
    execFileSync(
      'python3',
      ['-m', 'pip', '--isolated', '--python', python, 'install', '--quiet', '--no-compile', ...source],
      {
        stdio: 'pipe',
      },
    );
  }, 300_000);

  it('has nothing but the wheels, installed without any index', () => {
    const installed = run(
      'import importlib.metadata as m; print(*sorted(d.name + "==" + d.version for d in m.distributions()))',
    );
    expect(installed.split(' ')).toEqual(pins.map(({ name, version }) => `${name}==${version}`).sort());
    expect(run('import sys; print(*sys.version_info[:2])')).toBe('3 13');
  });

  it('parses by msgspec, hands over by Arrow, computes and writes by DuckDB, functions in Python included', () => {
    const file = join(folder, 'reviews.parquet');
    const code = `
import duckdb, msgspec, pyarrow
class Review(msgspec.Struct):
    rating: float
reviews = [msgspec.json.decode(line, type=Review) for line in (b'{"rating": 4.5}', b'{"rating": 1}')]
table = pyarrow.table({"rating": [review.rating for review in reviews]})
connection = duckdb.connect()
connection.register("reviews", table)
connection.execute("copy (select * from reviews) to '${file}' (format parquet, compression zstd)")
connection.create_function("doubled", lambda rating: 2 * rating, ["DOUBLE"], "DOUBLE")
print(connection.execute("select sum(doubled(rating)) from '${file}'").fetchone()[0])
connection.close()`;
    expect(run(code)).toBe('11.0');
    expect(existsSync(file)).toBe(true);
  });

  it('knows the time zones by its own data, not by the machine', () => {
    const code = 'import zoneinfo; zoneinfo.reset_tzpath(()); print(zoneinfo.ZoneInfo("Europe/Berlin").key)';
    expect(run(code)).toBe('Europe/Berlin');
  });
});
