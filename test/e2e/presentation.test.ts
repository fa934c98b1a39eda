import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binOf, ROOT } from '../../local/paths';
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
import type { Row } from './support/counted/figures';
import { type CountedFile, fileAudit, sourceQualityDaily } from './support/counted/files';
import { countedMarts } from './support/counted/marts';
import { pseudonymsOf, shownMart } from './support/counted/shown';
import { placesWith } from './support/everywhere';
import { generatedReviews } from './support/generated-reviews';
import { type KnownReview, native, newest, publicReviews, reviewFilesExist, revised } from './support/known-reviews';
import { jsonLines, type RunningPlatform, review, startRunning } from './support/running';

/** Id of the reviewer who is erased in the end. */
const ERASED = 'R-9';

/** A file that was dropped, and what it holds. */
type Holding = Pick<CountedFile, 'source' | 'reviews' | 'rejected'> & { readonly file: DroppedFile };

/** Records that are refused, and why. */
const REFUSED = `${JSON.stringify(review('too-good', { rating: 77 }))}\n{"review_id": \n`;
const REASONS = { RATING_INVALID: 1, MALFORMED_JSON: 1 };

/** Rows in one order, whatever the order of their columns. */
const sorted = (rows: readonly Row[]): Row[] =>
  rows
    .map((row) => Object.fromEntries(Object.entries(row).sort()))
    .sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));

const records = (reviews: readonly KnownReview[]): string => jsonLines(reviews.map(({ record }) => record));

describe(`every mart of ${reviewFilesExist() ? 'generated and public' : 'generated'} reviews`, () => {
  let running: RunningPlatform;
  let session: WarehouseSession;
  const publicFiles = reviewFilesExist() ? publicReviews() : [];
  /** Newer versions that were loaded later. */
  const changes: KnownReview[] = [];
  const loaded: KnownReview[] = [...generatedReviews, ...publicFiles.flatMap(({ reviews }) => reviews)];

  beforeAll(async () => {
    running = await startRunning();
    const { accessUrl, dbt } = running.platform.warehouse;
    session = await WarehouseSession.open(accessUrl, dbt);
  });
  afterAll(async () => {
    await session?.close();
    await running?.stop();
  });

  /** Every file so far, in the order of the loads. */
  const files: CountedFile[] = [];

  /** Follows the files to their end and builds the presentation tables, as a run does. */
  async function load(dropped: readonly Holding[], status: CountedFile['status'] = 'PUBLISHED'): Promise<void> {
    const results = await followAll(
      running.platform,
      dropped.map(({ file }) => file),
    );
    expect(new Set(results.map((result) => result.status))).toEqual(new Set(dropped.length > 0 ? [status] : []));
    await whenExternalTablesAreRefreshed(running.platform);
    const { output, ...build } = await dbtBuild(running.platform, join(running.folder, 'dbt'));
    expect(build, output).toMatchObject({ failed: 0, warned: 0 });
    files.push(...dropped.map(({ file, ...held }) => ({ dropped: file, ...held, status })));
  }

  /** The files of the first load, dropped into a folder of their own; two records of one are refused. */
  const dropAll = (folder: string): Promise<Holding[]> =>
    Promise.all([
      running
        .drop(`reviews/native/${folder}/own.jsonl`, `${records(generatedReviews)}${REFUSED}`)
        .then((file) => ({ file, source: 'native', reviews: generatedReviews, rejected: REASONS })),
      ...publicFiles.map(async ({ path, reviews }) => {
        const source = reviews[0]?.source ?? '';
        const key = `reviews/${source}/${folder}/${path.slice(path.lastIndexOf('/') + 1)}`;
        return { file: await drop(running.platform, { path, key }), source, reviews, rejected: {} };
      }),
    ]);

  /** Every row and column of the marts, beside a count of what each load published. */
  async function expectMarts(published: readonly (readonly KnownReview[])[]): Promise<void> {
    const marts = Object.entries(countedMarts(published, await pseudonymsOf(session)));
    for (const [mart, counted] of marts) {
      expect(sorted(await shownMart(session, mart)), mart).toEqual(sorted(counted));
    }
  }

  /** Every file in the marts of the platform, beside what was dropped; times and executions only the run itself knows. */
  async function expectFiles(): Promise<void> {
    const marts = {
      file_audit: fileAudit(files, running.platform.outputs.RawBucketName),
      source_quality_daily: sourceQualityDaily(files),
    };
    for (const [mart, counted] of Object.entries(marts)) {
      const columns = Object.keys(counted[0] ?? {});
      const shown = (await shownMart(session, mart)).map((row) =>
        Object.fromEntries(columns.map((column) => [column, row[column]])),
      );
      expect(sorted(shown), mart).toEqual(sorted(counted));
    }
    const names = readdirSync(join(ROOT, 'dbt/models/presentation')).filter((name) => name.endsWith('.sql'));
    const fresh = await shownMart(session, 'mart_freshness');
    expect(fresh.map(({ mart_name }) => mart_name).sort()).toEqual(names.map((name) => basename(name, '.sql')).sort());
    const newest = Math.max(...files.map(({ dropped }) => dropped.droppedAt));
    for (const { mart_name, data_until, last_built_at, failed_test_count } of fresh) {
      expect(failed_test_count, String(mart_name)).toBe(0);
      expect(Date.parse(String(data_until)), String(mart_name)).toBeGreaterThan(newest);
      expect(Date.parse(String(last_built_at)), String(mart_name)).toBeGreaterThan(Date.parse(String(data_until)));
    }
  }

  const summary = () => shownMart(session, 'product_summary');

  it('shows after one load what an independent count finds', async () => {
    await load(await dropAll('day-1'));
    await expectMarts([loaded]);
    await expectFiles();
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
    await load(await dropAll('day-1'), 'DUPLICATE');
    await expectMarts([loaded]);
    await load(await dropAll('day-2'));
    await expectMarts([loaded, loaded]);
  });

  it('takes newer versions of a tenth of the reviews: other averages, the same counts', async () => {
    const rated = newest(loaded).filter(({ rating }) => rating !== null);
    const changed = rated.filter((_, index) => index % 10 === 0).map(revised);
    const bySource = Object.entries(Object.groupBy(changed, ({ source }) => source));
    const before = await summary();
    const newer = bySource.map(async ([source, reviews = []]) => ({
      file: await running.drop(`reviews/${source}/day-3/newer.jsonl`, records(reviews)),
      source,
      reviews,
      rejected: {},
    }));
    await load(await Promise.all(newer));

    const after = await summary();
    await expectMarts([loaded, changed]);
    await expectFiles();
    const counts = (rows: readonly Row[]) =>
      Object.fromEntries(rows.map(({ product_key, review_count }) => [product_key, review_count]));
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
    const dropped = await Promise.all([
      running.drop(key, gzipSync(mixed)),
      running.drop('reviews/native/day-4/hers.json', JSON.stringify([hers])),
    ]);
    expect(new Set((await followAll(running.platform, dropped)).map(({ status }) => status))).toEqual(
      new Set(['PUBLISHED']),
    );

    const { rows: known } = await session.query(
      `select reviewer_key, review_key from ${NAMES.database}.CORE.FCT_REVIEWS as reviews
       where reviewer_key in (select reviewer_key from ${NAMES.database}.RAW.REVIEWERS where reviewer_id = '${ERASED}')`,
    );
    const reviewsOfHers = generatedReviews.filter(isHers).map(({ identity }) => `"${identity}"`);
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
    const [left = [], leftChanges = []] = [loaded, changes].map((reviews) =>
      reviews.filter((known) => known.source !== 'native' || !isHers(known)),
    );
    const kept = native(review('kept', { product: { product_id: 'P-kept' } }));
    await expectMarts([left, leftChanges, [kept]]);
    expect(await summary()).toHaveLength(summaryBefore.length + 1);
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
