import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binOf } from '../../local/paths';
import { NAMES } from '../../local/platform/snowflake-account';
import { WarehouseSession } from '../../local/platform/warehouse';
import { SAMPLE_QUERIES, snowflakeSnippet } from '../../local/run/addresses';
import { dbtBuild } from '../../local/run/dbt';
import { type DroppedFile, drop } from '../../local/run/drop';
import { followAll } from '../../local/run/follow';
import { whenExternalTablesAreRefreshed } from '../../local/run/presentation-tables';
import { newReporter } from '../../local/run/reporter';
import {
  figuresByProduct,
  type KnownReview,
  native,
  newest,
  type ProductFigures,
  publicReviews,
  reviewFilesExist,
  revised,
} from './support/known-reviews';
import { jsonLines, type RunningPlatform, review, startRunning } from './support/running';

/** Reviews of seven products, with ratings that differ from product to product. */
const ownReviews: KnownReview[] = Array.from({ length: 200 }, (_, index) =>
  native(
    review(`own-${index}`, {
      product: { product_id: `P-${index % 7}`, title: `Product ${index % 7}` },
      reviewer: { reviewer_id: `R-${index % 31}` },
      rating: 1 + ((index * (1 + (index % 7))) % 5),
      created_at: new Date(Date.UTC(2026, 2, 1) + index * 3_600_000).toISOString(),
    }),
  ),
);

const records = (reviews: readonly KnownReview[]): string => jsonLines(reviews.map(({ record }) => record));

/** `product_summary` keeps four decimals. */
const rounded = (figure: number | null): number | null => (figure === null ? null : Math.round(figure * 1e4) / 1e4);

describe(`product_summary of ${reviewFilesExist() ? 'generated and public' : 'generated'} reviews`, () => {
  let running: RunningPlatform;
  let session: WarehouseSession;
  const publicFiles = reviewFilesExist() ? publicReviews() : [];
  const loaded: KnownReview[] = [...ownReviews, ...publicFiles.flatMap(({ reviews }) => reviews)];

  beforeAll(async () => {
    running = await startRunning();
    const { accessUrl, dbt } = running.platform.warehouse;
    session = await WarehouseSession.open(accessUrl, dbt);
  });
  afterAll(async () => {
    await session?.close();
    await running?.stop();
  });

  /** Follows the files to their end and builds the presentation tables, as a run does. */
  async function load(dropped: readonly DroppedFile[]): Promise<string[]> {
    const results = await followAll(running.platform, dropped);
    await whenExternalTablesAreRefreshed(running.platform);
    const { output, ...build } = await dbtBuild(running.platform, join(running.folder, 'dbt'));
    expect(build, output).toMatchObject({ failed: 0, warned: 0 });
    return results.map(({ status }) => status);
  }

  /** The files of the first load, dropped into a folder of their own. */
  const dropAll = (folder: string): Promise<DroppedFile[]> =>
    Promise.all([
      running.drop(`reviews/native/${folder}/own.jsonl`, records(ownReviews)),
      ...publicFiles.map(({ path, reviews }) =>
        drop(running.platform, {
          path,
          key: `reviews/${reviews[0]?.source}/${folder}/${path.slice(path.lastIndexOf('/') + 1)}`,
        }),
      ),
    ]);

  async function summary(): Promise<Map<string, ProductFigures>> {
    const { rows } = await session.query(
      `select source_name, product_id, review_count, rating_count, average_rating, recommended_share, positive_share
       from ${NAMES.database}.PRESENTATION.PRODUCT_SUMMARY`,
    );
    const figure = (value: unknown): number | null => (value === null ? null : Number(value));
    return new Map(
      rows.map((row) => [
        `${row.SOURCE_NAME}/${row.PRODUCT_ID}`,
        {
          reviews: Number(row.REVIEW_COUNT),
          ratings: Number(row.RATING_COUNT),
          average: figure(row.AVERAGE_RATING),
          recommendedShare: figure(row.RECOMMENDED_SHARE),
          positiveShare: figure(row.POSITIVE_SHARE),
        },
      ]),
    );
  }

  function expectFigures(actual: Map<string, ProductFigures>, reviews: readonly KnownReview[]): void {
    const expected = [...figuresByProduct(reviews)].map(
      ([product, figures]) =>
        [
          product,
          {
            ...figures,
            average: rounded(figures.average),
            recommendedShare: rounded(figures.recommendedShare),
            positiveShare: rounded(figures.positiveShare),
          },
        ] as const,
    );
    expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(expected));
  }

  /** Marts that divide all reviews in other ways; each must hold every review once. */
  const DIVISIONS = [
    'calendar',
    'brand_category_monthly',
    'rating_trend_monthly',
    'verification_mix',
    'language_summary',
  ];

  async function expectEveryReviewOnce(reviews: readonly KnownReview[]): Promise<void> {
    for (const mart of DIVISIONS) {
      const { rows } = await session.query(
        `select sum(review_count) as reviews from ${NAMES.database}.PRESENTATION.${mart}`,
      );
      expect(Number(rows[0]?.REVIEWS), mart).toBe(newest(reviews).length);
    }
  }

  it('counts and averages every product after one load', async () => {
    expect(new Set(await load(await dropAll('day-1')))).toEqual(new Set(['PUBLISHED']));
    expectFigures(await summary(), loaded);
  });

  it('answers the sample queries, by the snippet too that a kept run prints', async () => {
    const { warehouse } = running.platform;
    const login = await newReporter(running.platform, running.folder);
    const snippet = snowflakeSnippet({ warehouse: { ...warehouse, reporter: login } });
    const [, code = ''] = /^Python .*:\n((?: {2}.*\n)+)/.exec(snippet) ?? [];
    const { stdout } = await execa(join(binOf('dbt'), 'python'), ['-'], { input: code.replaceAll(/^ {2}/gm, '') });
    expect(stdout).toMatch(/^\[\(/);

    const reporter = await WarehouseSession.open(warehouse.accessUrl, login, NAMES.reporter);
    for (const query of SAMPLE_QUERIES) expect((await reporter.query(query)).rows, query).not.toEqual([]);
    await reporter.close();
  });

  it('says the same after the same load again, under the same names and under others', async () => {
    const before = await summary();
    expect(new Set(await load(await dropAll('day-1')))).toEqual(new Set(['DUPLICATE']));
    expect(await summary()).toEqual(before);
    expect(new Set(await load(await dropAll('day-2')))).toEqual(new Set(['PUBLISHED']));
    expect(await summary()).toEqual(before);
  });

  it('takes newer versions of a tenth of the reviews: other averages, the same counts', async () => {
    const rated = newest(loaded).filter(({ rating }) => rating !== null);
    const changed = rated.filter((_, index) => index % 10 === 0).map(revised);
    const bySource = Object.entries(Object.groupBy(changed, ({ source }) => source));
    const before = await summary();
    const files = await Promise.all(
      bySource.map(([source, reviews = []]) => running.drop(`reviews/${source}/day-3/newer.jsonl`, records(reviews))),
    );
    expect(new Set(await load(files))).toEqual(new Set(['PUBLISHED']));

    const after = await summary();
    expectFigures(after, [...loaded, ...changed]);
    await expectEveryReviewOnce([...loaded, ...changed]);
    const counts = (figures: Map<string, ProductFigures>) =>
      Object.fromEntries([...figures].map(([product, { reviews }]) => [product, reviews]));
    expect(counts(after)).toEqual(counts(before));
    expect(after).not.toEqual(before);
  });
});
