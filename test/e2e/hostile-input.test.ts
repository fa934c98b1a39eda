import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binOf, ROOT } from '../../local/paths';
import { drop } from '../../local/run/drop';
import type { FileResult } from '../../local/run/file-result';
import { followAll } from '../../local/run/follow';
import { exportTables } from '../../local/run/tables';
import { rowsOf } from './support/parquet';
import { type RunningPlatform, startRunning } from './support/running';

/** One hostile file as local/samples/hostile.py describes it; null where the figure is not prescribed. */
interface Hostile {
  readonly file: string;
  readonly key: string;
  readonly status: string | null;
  readonly recordsRead: number | null;
  readonly published: number | null;
  readonly duplicates: number | null;
  readonly rejected: Readonly<Record<string, number>> | null;
  /** Ids of the good reviews in the file. */
  readonly mustPublish?: readonly string[];
  readonly why: string;
}

const TERMINAL = ['PUBLISHED', 'EMPTY', 'QUARANTINED', 'DUPLICATE'];

/** The figures that are prescribed, of what was expected and of what came out. */
function prescribed({ status, recordsRead, published, duplicates, rejected }: Hostile | FileResult, wanted: Hostile) {
  const figures = { status, recordsRead, published, duplicates, rejected };
  return Object.fromEntries(Object.entries(figures).filter(([name]) => wanted[name as keyof Hostile] !== null));
}

describe('hostile input, all of it in the raw bucket at once', () => {
  let running: RunningPlatform;
  let hostile: readonly Hostile[];
  let results: Map<string, FileResult>;

  beforeAll(async () => {
    running = await startRunning();
    const folder = join(running.folder, 'hostile');
    await execa(join(binOf('glue'), 'python'), [join(ROOT, 'local/samples/hostile.py'), '--out', folder]);
    hostile = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).files;
    const dropped = [];
    for (const { file, key } of hostile) dropped.push(await drop(running.platform, { path: join(folder, file), key }));
    const followed = await followAll(running.platform, dropped);
    results = new Map(dropped.map((file, index) => [file.key, followed[index] as FileResult]));
  });
  afterAll(() => running?.stop());

  const resultOf = (key: string): FileResult => results.get(key) as FileResult;

  it('ends every file in a terminal status, none FAILED', () => {
    const others = [...results.values()].filter(({ status }) => !TERMINAL.includes(status));
    expect(others).toEqual([]);
    expect(results.size).toBe(hostile.length);
  });

  it('accounts for every record of every file', () => {
    for (const { path, recordsRead, published, duplicates, rejected } of results.values()) {
      const sum = Object.values(rejected).reduce((total, count) => total + count, published + duplicates);
      expect(sum, path).toBe(recordsRead);
    }
  });

  it('says of each file what it should', () => {
    const outcomes = hostile.map((file) => ({
      file: file.file,
      why: file.why,
      ...prescribed(resultOf(file.key), file),
    }));
    expect(outcomes).toEqual(hostile.map((file) => ({ file: file.file, why: file.why, ...prescribed(file, file) })));
  });

  it('publishes every good review beside the bad ones', async () => {
    const folder = join(running.folder, 'tables');
    await exportTables(running.platform, folder);
    const published = new Set(
      (await rowsOf<{ review_id: string }>(folder, 'reviews')).map(({ review_id }) => review_id),
    );
    const good = hostile.flatMap(({ mustPublish = [] }) => mustPublish);
    expect(good.filter((id) => !published.has(id))).toEqual([]);
    expect(good.length).toBeGreaterThan(hostile.length);
  });
});
