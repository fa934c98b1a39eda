import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boundDiskSpace } from '../../local/run/disk-space';
import { isRunning } from '../../local/run/kept';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reviews-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Makes a folder of a megabyte that was last used so many hours ago. */
function makeEntry(name: string, hours: number): void {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'data'), Buffer.alloc(1_000_000));
  const time = Date.now() / 1000 - hours * 3600;
  utimesSync(join(folder, name), time, time);
}

const bound = () => boundDiskSpace([{ folder, name: ['old run', 'old runs'], most: 2, inUse: isRunning }]);

describe('what earlier runs have left behind', () => {
  it('stays while it is little and young', () => {
    makeEntry('a', 2);
    makeEntry('b', 3);
    expect(bound()).toBeUndefined();
    expect(readdirSync(folder)).toEqual(['a', 'b']);
  });

  it('is removed, the longest unused first, when there is too much, and one line says so', () => {
    for (const [name, hours] of [
      ['a', 5],
      ['b', 2],
      ['c', 4],
      ['d', 3],
    ] as const)
      makeEntry(name, hours);
    expect(bound()).toBe('Removed 2 old runs: 2 MB.');
    expect(readdirSync(folder)).toEqual(['b', 'd']);
  });

  it('is removed when it is old, however little there is', () => {
    makeEntry('a', 24 * 8);
    expect(bound()).toBe('Removed 1 old run: 1 MB.');
  });

  it('stays when it was used within the hour, or its process still runs', () => {
    for (const name of ['a', 'b', 'c']) makeEntry(name, 0.5);
    makeEntry(`run-${process.pid}`, 24 * 30);
    expect(bound()).toBeUndefined();
  });

  it('need not be there at all', () => {
    expect(boundDiskSpace([{ folder: join(folder, 'none'), name: ['x', 'xs'], most: 1 }])).toBeUndefined();
  });
});
