import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../local/paths';
import { announcement, commandsOf, folderOf, needsOf } from '../../local/setup/announcement.mjs';
import setup from '../../local/setup/parts.json';
import { SPECS, standsWhereMade } from '../../local/setup/python';

const commands = Object.keys(setup.needs) as (keyof typeof setup.needs)[];

/** Exact pins of a lock file, by package. */
function pinsOf(file: string): Map<string, string> {
  const pins = readFileSync(join(ROOT, file), 'utf8').matchAll(/^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)/gm);
  return new Map([...pins].map(([, name = '', version = '']) => [name, version]));
}

describe('what is installed', () => {
  it.each(commands)('is known, with its size, for every part that "%s" needs', (command) => {
    for (const part of needsOf(command)) {
      expect(setup.parts, part).toHaveProperty(part);
      expect(folderOf(part)).toMatch(/^(node_modules|\.local\/)/);
    }
  });

  it('is a part for every Python environment', () => {
    expect(Object.keys(setup.parts)).toEqual(expect.arrayContaining(Object.keys(SPECS)));
  });

  it.each(['local', 'local --no-airflow'])('holds no tool of the checks for "npm run %s"', (command) => {
    for (const part of needsOf(command).filter((name) => name in SPECS)) {
      const { requirements } = SPECS[part as keyof typeof SPECS];
      const tools = ['mypy', 'pytest', 'ruff', 'sqlfluff', 'cfn-lint', 'hypothesis'];
      expect([part, tools.filter((tool) => pinsOf(requirements).has(tool))]).toEqual([part, []]);
    }
  });

  it.each([
    ['--with rest', false],
    ['--no-airflow --with=rest,postgres', true],
    ['--with no-such,postgres data', true],
  ])('holds a PostgreSQL only where one is asked for: %s', (line, expected) => {
    expect(needsOf(...commandsOf('local', line.split(' '))).includes('postgres')).toBe(expected);
  });

  it('holds servers that few need only where they are asked for', () => {
    const servers = { mysql: 'mariadb-jars', cassandra: 'cassandra-jars' };
    for (const [name, jars] of Object.entries(servers)) {
      for (const command of ['setup', 'test', 'local']) expect(needsOf(command)).not.toContain(jars);
      for (const command of ['test:sources', `local --with ${name}`]) expect(needsOf(command)).toContain(jars);
    }
  });

  it('of "test:sources" has all that a run without Airflow needs: its records are followed to a mart', () => {
    expect(needsOf('test:sources')).toEqual(expect.arrayContaining([...needsOf('local --no-airflow')]));
  });

  it('holds no Airflow where none is asked for', () => {
    expect(needsOf('local --no-airflow')).not.toContain('airflow');
  });

  it('is told once where the checks extend a component, and is all of it for "setup"', () => {
    expect(needsOf('setup')).toEqual(expect.arrayContaining(['aws-dev', 'glue-dev', 'bench']));
    expect(needsOf('setup')).not.toContain('aws');
  });

  it.each(Object.keys(SPECS).filter((name) => name.endsWith('-dev')))(
    'has in %s the same versions as without the checks',
    (name) => {
      const [dev, base] = [name, name.replace(/-dev$/, '')].map((spec) =>
        pinsOf(SPECS[spec as keyof typeof SPECS].requirements),
      );
      expect(base?.size).toBeGreaterThan(0);
      for (const [pin, version] of base ?? []) expect([pin, dev?.get(pin)]).toEqual([pin, version]);
    },
  );
});

describe('a lock of Python packages', () => {
  /** What a file asks for, with the files that it includes. */
  function asked(file: string): [string, string][] {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const included = [...text.matchAll(/^-r (\S+)/gm)].flatMap(([, more = '']) => asked(join(dirname(file), more)));
    return [...pinsOf(file), ...included];
  }

  it.each(Object.values(SPECS).map(({ requirements }) => requirements))('%s holds all that is asked for', (lock) => {
    const locked = pinsOf(lock);
    const wanted = asked(lock.replace(/\.txt$/, '.in'));
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.filter(([name, version]) => locked.get(name.toLowerCase()) !== version)).toEqual([]);
  });
});

describe('announcement of a first run', () => {
  it('names every part, adds the sizes up and says about how long', () => {
    const { npm, aws } = setup.parts;
    const said = announcement(['npm', 'aws']);
    for (const { what } of [npm, aws]) expect(said).toContain(what);
    expect(said).toMatch(
      new RegExp(
        `together +${npm.downloadMegabytes + aws.downloadMegabytes} MB +${npm.diskMegabytes + aws.diskMegabytes} MB`,
      ),
    );
    expect(said).toMatch(/about \d+ minutes/);
  });
});

describe('Python environment of a checkout that was moved', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reviews-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Makes the two files of an environment that say where it is. */
  function makeEnvironment(at: string, madeFor: string, relocatable = false): void {
    mkdirSync(join(at, 'bin'), { recursive: true });
    writeFileSync(join(at, 'pyvenv.cfg'), relocatable ? 'uv = 0.13\nrelocatable = true\n' : 'uv = 0.13\n');
    writeFileSync(join(at, 'bin', 'activate'), `VIRTUAL_ENV='${madeFor}'\n`);
  }

  it('counts as not installed, for its programs hold the old path', () => {
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    makeEnvironment(before, before);
    expect(standsWhereMade(before)).toBe(true);
    cpSync(before, after, { recursive: true });
    expect(standsWhereMade(after)).toBe(false);
  });

  it('counts as installed if it was made relocatable', () => {
    const moved = join(folder, 'moved');
    makeEnvironment(moved, '/somewhere/else', true);
    expect(standsWhereMade(moved)).toBe(true);
  });

  it('counts as not installed where there is none', () => {
    expect(standsWhereMade(join(folder, 'none'))).toBe(false);
  });
});
