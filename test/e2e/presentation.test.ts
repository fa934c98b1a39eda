import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
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
import { erase } from '../../operator/commands/erase';
import { reconcile } from '../../operator/commands/reconcile';
import { connectLocally } from '../../operator/deployment';
import { newestVersion } from '../../operator/ledger-queries';
import { unwatched } from '../../operator/watching';
import { placesWith } from './support/everywhere';
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

/** Id of the reviewer who is erased in the end. */
const ERASED = 'R-9';

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
  /** Newer versions that were loaded later. */
  const changes: KnownReview[] = [];
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
    changes.push(...changed);
  });

  it('erases a person everywhere: in every version, table and mart, with all other records as they were', async () => {
    const deployment = await connectLocally(running.platform.endpoint);
    const writer = ({ record }: KnownReview) => (record.reviewer as { reviewer_id?: string })?.reviewer_id;
    const isHers = (known: KnownReview) => writer(known) === ERASED;
    const hers = review('hers', {
      reviewer: { reviewer_id: ERASED, name: 'Zelda Quux' },
      body: 'Zelda wrote this.',
      product: { product_id: 'P-of-hers' },
    });
    // Beside published ones: a rejected record, a duplicate, a damaged one, in a compressed file; and a file of hers alone.
    const beside = [review('kept', { product: { product_id: 'P-kept' } }), review('refused', { rating: 77 })];
    const mixed = `${jsonLines([hers, hers, { ...hers, rating: 77 }, ...beside])}{"reviewer": "${ERASED}", "name": "Zelda\n`;
    const key = 'reviews/native/day-4/mixed.jsonl.gz';
    const files = await Promise.all([
      running.drop(key, gzipSync(mixed)),
      running.drop('reviews/native/day-4/hers.json', JSON.stringify([hers])),
    ]);
    expect(new Set((await followAll(running.platform, files)).map(({ status }) => status))).toEqual(
      new Set(['PUBLISHED']),
    );

    const { rows: known } = await session.query(
      `select reviewer_key, review_key from ${NAMES.database}.CORE.FCT_REVIEWS as reviews
       where reviewer_key in (select reviewer_key from ${NAMES.database}.RAW.REVIEWERS where reviewer_id = '${ERASED}')`,
    );
    const reviewsOfHers = ownReviews.filter(isHers).map(({ identity }) => `"${identity}"`);
    expect(known).toHaveLength(reviewsOfHers.length);
    const keys = known.flatMap(({ REVIEWER_KEY, REVIEW_KEY }) => [String(REVIEWER_KEY), String(REVIEW_KEY)]);
    const texts = [`"${ERASED}"`, 'Zelda', ...new Set(keys), ...reviewsOfHers];
    const warehouse = { session, database: NAMES.database };
    const before = await placesWith(texts, deployment, warehouse);
    for (const place of ['day-1/own.jsonl', 'RAW.REVIEWS', 'CORE.DIM_REVIEWERS', 'rejected_records', 'work/']) {
      expect(
        before.places.some((found) => found.includes(place)),
        place,
      ).toBe(true);
    }
    const summaryBefore = await summary();

    const person = { source: 'native', reviewer: ERASED };
    const attendant = { agree: async () => true, watching: unwatched };
    const inAws = await placesWith(texts, deployment);
    const planned = JSON.parse((await erase(deployment, { ...person, dryRun: true, json: true }, attendant)).text);
    expect(planned.files).toContainEqual(expect.objectContaining({ key, records: 6, erased: 4, damaged: 1 }));
    expect(await placesWith(texts, deployment)).toEqual(inAws);

    const { text, isGone } = await erase(deployment, person, attendant);
    expect(text).toContain('records of the person were erased');
    // dbt has not taken it in yet, and the command says so.
    expect(isGone).toBe(false);
    await load([]);
    expect((await erase(deployment, person, attendant)).text).toContain('No version of native holds a record');
    const after = await placesWith(texts, deployment, warehouse);
    expect(after.places).toEqual([]);
    expect(after.searched).toBeGreaterThan(40);

    // What others wrote is there as it was, and every count adds up.
    const left = [...loaded, ...changes].filter((known) => known.source !== 'native' || !isHers(known));
    const kept = native(review('kept', { product: { product_id: 'P-kept' } }));
    expectFigures(await summary(), [...left, kept]);
    await expectEveryReviewOnce([...left, kept]);
    expect((await summary()).size).toBe(summaryBefore.size + 1);
    expect(await newestVersion(deployment, key)).toMatchObject({
      status: 'PUBLISHED',
      records_read: 2,
      records_published: 1,
      rejected_by_reason: { RATING_INVALID: 1 },
    });
    const { rows: writers } = await session.query(
      `select count(*) as reviewers from ${NAMES.database}.PRESENTATION.REVIEWER_ACTIVITY where source_name = 'native'`,
    );
    const others = left.filter(({ source }) => source === 'native');
    expect(writers).toEqual([{ REVIEWERS: new Set(others.map(writer)).size }]);
    const { rows: audited } = await session.query(
      `select count(*) as files from ${NAMES.database}.PRESENTATION.FILE_AUDIT where status = 'ERASED'`,
    );
    expect(audited).toEqual([{ FILES: planned.files.length }]);
    expect((await reconcile(deployment, { grace: 0 })).text).toContain('All agrees.');
  });
});
