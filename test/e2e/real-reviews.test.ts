import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalRun, npmRunLocal, scratchFolder } from './support/command';
import { REVIEW_FILES, reviewFilesExist } from './support/known-reviews';
import { rowsOf } from './support/parquet';

interface Review {
  readonly source: string;
  readonly rating: number | null;
  readonly recommended: boolean | null;
  readonly file_id: string;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.skipIf(!reviewFilesExist())('real review files', () => {
  const folder = scratchFolder();
  let run: LocalRun;
  let reviews: Review[];

  beforeAll(async () => {
    const names = [
      'amazon2018_gift_cards_5.json.gz',
      'amazon2018_fashion_5.json',
      'steam_football_manager_2015.jsonl',
      'steam_api',
    ];
    run = await npmRunLocal(folder.path, ['--no-airflow', ...names.map((name) => join(REVIEW_FILES, name))]);
    reviews = await rowsOf<Review>(run.tables, 'reviews');
  });
  afterAll(() => folder[Symbol.dispose]());

  const fileOf = (name: string) => run.report.files.find(({ path }) => basename(path) === name);

  it('succeeds with every file published', () => {
    expect(run.exitCode, run.output).toBe(0);
    expect(new Set(run.report.files.map(({ status }) => status))).toEqual(new Set(['PUBLISHED']));
  });

  it.each([
    { name: 'amazon2018_gift_cards_5.json.gz', source: 'amazon-2018', read: 2972, distinct: 2969 },
    { name: 'amazon2018_fashion_5.json', source: 'amazon-2018', read: 3176, distinct: 3065 },
    { name: 'steam_football_manager_2015.jsonl', source: 'steam-community', read: 1522, distinct: 1435 },
  ])('$name: $distinct distinct of $read', ({ name, source, read, distinct }) => {
    expect(fileOf(name)).toMatchObject({
      source,
      recordsRead: read,
      published: distinct,
      duplicates: read - distinct,
      rejected: {},
      executionStatus: 'SUCCEEDED',
    });
  });

  it('recognises every answer of the Steam API and finds each id once', () => {
    const files = run.report.files.filter(({ source }) => source === 'steam-api');
    expect(files).toHaveLength(8);
    for (const file of files) expect(file).toMatchObject({ duplicates: 0, rejected: {}, published: file.recordsRead });
  });

  it('averages the ratings of each file to the known figure', () => {
    const byCount = Object.values(Object.groupBy(reviews, ({ file_id }) => file_id));
    const averages = new Map(
      byCount.map((rows = []) => [rows.length, mean(rows.map(({ rating }) => rating ?? Number.NaN))]),
    );
    expect(averages.get(2969)).toBeCloseTo(4.88582, 5);
    expect(averages.get(3065)).toBeCloseTo(4.420555, 6);
  });

  it('finds the known share of recommendations', () => {
    const community = reviews.filter(({ source }) => source === 'steam-community');
    expect(mean(community.map(({ recommended }) => (recommended ? 1 : 0)))).toBeCloseTo(0.662021, 6);
    expect(community.every(({ rating }) => rating === null)).toBe(true);
  });

  it('counts in the report the rows that are in the published files', () => {
    expect(run.report.tables.reviews).toBe(reviews.length);
  });
});
