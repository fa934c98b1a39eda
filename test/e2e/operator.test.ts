import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { DescribeStateMachineCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tablePartitionPrefix } from '../../lib/contracts/object-keys';
import { mapConcurrently } from '../../lib/functions/runtime/concurrency';
import { follow } from '../../local/run/follow';
import { servePageOf } from '../../local/run/page';
import { compact } from '../../operator/commands/compact';
import { files } from '../../operator/commands/files';
import { reconcile } from '../../operator/commands/reconcile';
import { rejects } from '../../operator/commands/rejects';
import { replay } from '../../operator/commands/replay';
import { status } from '../../operator/commands/status';
import { validate } from '../../operator/commands/validate';
import { why } from '../../operator/commands/why';
import { whyReview } from '../../operator/commands/why-review';
import { connectLocally, type Deployment } from '../../operator/deployment';
import { filesByStatus, newestVersion } from '../../operator/ledger-queries';
import type { ServedPage } from '../../operator/page/server';
import { publishedRows } from '../../operator/published-rows';
import { accessibilityFaults, complaintsOf, launchBrowser } from '../support/browser';
import { killedBackfill, startBackfill, withoutIntake } from './support/backfills';
import { addNameToContract } from './support/corrected-contract';
import { configureFunction } from './support/functions';
import { publishedIds } from './support/published';
import { jsonLines, type RunningPlatform, review, startRunning } from './support/running';

const KEY = 'reviews/native/mixed.jsonl';
const FAILED_KEY = 'reviews/native/late.jsonl';
const SECRET_TEXT = 'Call me at the summer house.';

describe("the operator's command line, on a running platform", () => {
  const since = new Date(Date.now() - 60_000);
  let running: RunningPlatform;
  let deployment: Deployment;

  beforeAll(async () => {
    running = await startRunning();
    deployment = await connectLocally(running.platform.endpoint);
    const records = [
      review('a', { updated_at: '2026-06-01T00:00:00Z' }),
      review('a'),
      review('b', { rating: 77, body: SECRET_TEXT }),
      review('c'),
    ];
    const result = await running.follow(await running.drop(KEY, jsonLines(records)));
    expect(result).toMatchObject({ status: 'PUBLISHED', recordsRead: 4, published: 2, duplicates: 1 });
  });
  afterAll(() => running?.stop());

  it('shows files by source and status, queues, and that nothing runs', async () => {
    const text = await status(deployment, { since });
    expect(text).toMatch(/native +1/);
    expect(text).toContain('No execution is running.');
    expect(text).toMatch(/dead letters of the intake +0/);
    expect(JSON.parse(await status(deployment, { since, json: true }))).toMatchObject({
      files: { PUBLISHED: 1 },
      failed: [],
    });
  });

  it('lists files by their state, and tells the whole life of one', async () => {
    expect(await files(deployment, undefined, { since, limit: 10, status: 'PUBLISHED' })).toContain(KEY);
    expect(await files(deployment, undefined, { since, limit: 10, source: 'yelp' })).toContain('No such file');
    const life = await files(deployment, KEY, { since, limit: 10 });
    expect(life).toContain('4 read = 2 published + 1 duplicates + 1 rejected');
    expect(life).toMatch(/PROCESSING[\s\S]+PUBLISHED/);
  });

  it('says what happened to each record of a file', async () => {
    expect(await why(deployment, `${KEY}#1`)).toContain('is published as review');
    expect(await why(deployment, `${KEY}#2`)).toContain('is a duplicate');
    expect(await why(deployment, `${KEY}#3`)).toMatch(/was rejected:\n {2}[A-Z_]+: /);
    expect(await why(deployment, `${KEY}#5`)).toContain('has 4 records only');
    const fates = [1, 2, 3].map(async (record) =>
      JSON.parse(await why(deployment, `${KEY}#${record}`, { json: true })),
    );
    expect(await Promise.all(fates)).toMatchObject([
      { fate: 'PUBLISHED', reviewKey: expect.any(String) },
      { fate: 'DUPLICATE' },
      { fate: 'REJECTED', reasons: ['RATING_INVALID'] },
    ]);
  });

  it('shows rejected records without personal data, and records who asks to see it', async () => {
    const hidden = await rejects(deployment, KEY, { limit: 10 });
    expect(hidden).toMatch(/^#3 {2}\d+ bytes {2}[A-Z_]+\n/);
    expect(hidden).not.toContain(SECRET_TEXT);
    const shown = await rejects(deployment, KEY, { limit: 10, showPersonalData: true });
    expect(shown).toContain(SECRET_TEXT);
    const audit = { Bucket: deployment.outputs.ProcessedBucketName, Prefix: 'audit/personal-data/' };
    const { Contents = [] } = await deployment.s3.send(new ListObjectsV2Command(audit));
    expect(Contents).toHaveLength(1);
  });

  describe('the page', () => {
    let served: ServedPage;
    let browser: Browser;
    let page: Page;
    let complaints: string[];
    beforeAll(async () => {
      served = await servePageOf(running.platform);
      browser = await launchBrowser();
      page = await browser.newPage();
      complaints = complaintsOf(page);
    });
    afterAll(async () => {
      await browser?.close();
      await served?.stop();
    });

    const textOf = (selector: string): Promise<string> => page.$eval(selector, (element) => element.textContent ?? '');

    it.each([
      { width: 1280, height: 800, scheme: 'light' },
      { width: 390, height: 844, scheme: 'dark' },
    ])(
      'shows the whole flow at $width × $height in $scheme colours, for everybody',
      async ({ scheme, ...viewport }) => {
        await page.setViewport(viewport);
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.goto(served.url);
        for (const section of ['flow .stage', 'executions table', 'files table', 'quality table']) {
          await page.waitForSelector(`#${section}`);
        }
        expect(await textOf('#flow')).toContain('4 read = 2 published + 1 duplicates + 1 rejected');
        expect(await textOf('#files')).toContain('native/mixed.jsonl');
        // dbt has built nothing here: the page says so instead of showing an empty chart.
        await page.waitForSelector('#presentation .empty');
        // It is one column, which nothing widens.
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
        expect(await accessibilityFaults(page)).toEqual([]);
      },
    );

    it("opens a file's life by the keyboard alone, with its rejected records masked, and gives the focus back", async () => {
      await page.focus('#files tbody button');
      await page.keyboard.press('Enter');
      await page.waitForSelector('dialog[open] article');
      expect(await textOf('dialog')).toMatch(/PROCESSING[\s\S]+PUBLISHED[\s\S]+RATING_INVALID/);
      expect(await page.content()).not.toContain(SECRET_TEXT);
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.waitForSelector('dialog[open]', { hidden: true });
      expect(await page.evaluate('document.activeElement.textContent')).toBe('native/mixed.jsonl');
    });

    it('opens an execution to its states', async () => {
      await page.focus('#executions tbody button');
      await page.keyboard.press('Enter');
      await page.waitForSelector('.states li');
      expect(await textOf('.states')).toMatch(/Register files.*Clean reviews.*Flatten reviews/);
    });

    it('says what to do when its server has gone, and goes on showing what it knew', async () => {
      expect(complaints).toEqual([]);
      await served.stop();
      await page.waitForFunction(`document.querySelector('#flow .notice')?.textContent.includes('Start it again')`);
      expect(await textOf('#flow')).toContain('4 read');
    });
  });

  it('validates a file of this machine by the code of the jobs', async () => {
    const path = join(running.folder, 'mixed.jsonl');
    writeFileSync(path, jsonLines([review('a'), review('b', { rating: 77 })]));
    const { text, allPublishable } = await validate([path], {});
    expect(text).toContain('PUBLISHED, read as native\n  2 read = 1 published + 0 duplicates + 1 rejected');
    expect(text).toMatch(/RATING_INVALID: 1, first #2/);
    expect(allPublishable).toBe(true);
    await expect(validate([join(running.folder, 'none.jsonl')], {})).rejects.toThrow('No such file');
  });

  it('refuses what it cannot do, with the next step', async () => {
    await expect(why(deployment, KEY)).rejects.toThrow('names no record');
    await expect(files(deployment, 'reviews/native/none.jsonl', { since, limit: 1 })).rejects.toThrow(
      'The ledger has no file',
    );
    await expect(replay(deployment, [], { since })).rejects.toThrow('--failed');
  });

  it('replaces what is published by a replay, and says in its history that it was one', async () => {
    const before = await newestVersion(deployment, KEY);
    expect(await replay(deployment, [KEY], { since })).toContain('replaced as a whole');
    await expect
      .poll(async () => newestVersion(deployment, KEY), { timeout: 120_000 })
      .toMatchObject({ status: 'PUBLISHED', attempt: 2, triggered_by: 'replay', records_published: 2 });
    const after = await newestVersion(deployment, KEY);
    expect(after.batch_id).not.toBe(before.batch_id);
    expect(await publishedRows(deployment, 'reviews', after, ['review_key'])).toHaveLength(2);
    await expect
      .poll(() => publishedRows(deployment, 'reviews', before, ['review_key']), { timeout: 30_000 })
      .toEqual([]);
  });

  it('finds that all agrees, and repairs what does not', async () => {
    // Snowflake hears by notifications that the replaced rows are gone.
    await expect
      .poll(async () => (await reconcile(deployment, { grace: 0 })).text, { timeout: 60_000, interval: 1_000 })
      .toContain('All agrees.');
    const entry = await newestVersion(deployment, KEY);
    const batch = { id: entry.batch_id, ingestDate: entry.ingest_date };
    const Bucket = deployment.outputs.ProcessedBucketName;
    const Prefix = tablePartitionPrefix('rejected_records', batch);
    const { Contents = [] } = await deployment.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
    for (const { Key } of Contents) await deployment.s3.send(new DeleteObjectCommand({ Bucket, Key }));

    expect(await reconcile(deployment, { grace: 0 })).toMatchObject({
      agrees: false,
      text: expect.stringContaining('HALF_PUBLISHED: 1'),
    });
    expect(await reconcile(deployment, { grace: 0, repair: true })).toMatchObject({ agrees: true });
    expect(await rejects(deployment, KEY, { limit: 10 })).toMatch(/^#3 /);
  });

  it('processes a file that failed again, once the cause is gone', async () => {
    const stateMachineArn = deployment.outputs.ReviewIntakeStateMachineArn;
    const { definition = '' } = await deployment.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const hurried = JSON.parse(definition);
    hurried.States['Clean reviews'].TimeoutSeconds = 1;
    await deployment.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(hurried) }));
    const file = await running.drop(FAILED_KEY, jsonLines([review('l1'), review('l2')]));
    expect(await running.follow(file)).toMatchObject({ status: 'FAILED' });
    await deployment.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));

    expect(await status(deployment, { since })).toContain(FAILED_KEY);
    expect(await replay(deployment, [], { failed: true, since, dryRun: true })).toContain(
      '1 files would be processed again',
    );
    expect(await replay(deployment, [], { failed: true, since })).toContain(FAILED_KEY);
    await expect
      .poll(async () => (await follow(running.platform, file)).status, { timeout: 120_000 })
      .toBe('PUBLISHED');
    expect(await replay(deployment, [], { failed: true, since })).toContain('nothing to process again');
  });

  it('publishes by replay --rejected exactly the records that a corrected contract can read', async () => {
    const [key, untouched] = ['reviews/native/renamed.jsonl', 'reviews/native/untouched.jsonl'];
    const renamed = (id: string) => ({ ...review(id), review_id: undefined, review_no: id });
    const records = [review('r1'), renamed('r2'), renamed('r3'), { ...review('r4'), review_id: undefined }];
    const result = await running.follow(await running.drop(key, jsonLines(records)));
    expect(result).toMatchObject({ published: 1, rejected: { MISSING_ID: 3 } });
    await running.follow(await running.drop(untouched, jsonLines([review('u1')])));
    const before = await publishedIds(running);
    const other = await newestVersion(deployment, untouched);

    await addNameToContract(running.platform, 'native', 'review_id', 'review_no');
    expect(await replay(deployment, [], { rejected: true, reason: 'MISSING_ID', since })).toContain(key);
    await expect
      .poll(async () => newestVersion(deployment, key), { timeout: 120_000 })
      .toMatchObject({ status: 'PUBLISHED', attempt: 2, records_published: 3, records_rejected: 1 });
    await expect
      .poll(() => publishedIds(running), { timeout: 60_000, interval: 1_000 })
      .toEqual([...before, 'r2', 'r3'].sort());
    expect(await newestVersion(deployment, untouched)).toEqual(other);
  });

  it('takes every object of a backfill once, though the backfill was killed three times', async () => {
    const prefix = 'reviews/native/archive/';
    const ids = Array.from({ length: 30 }, (_, number) => `archived ${number}`);
    const before = await publishedIds(running);
    await withoutIntake(running.platform, () =>
      mapConcurrently(ids, 10, (id) => running.drop(`${prefix}${id}.jsonl`, jsonLines([review(id)]))),
    );
    for (let kills = 0; kills < 3; kills += 1) await killedBackfill(running.platform, prefix);
    await startBackfill(running.platform, prefix);

    // Executions that a killed backfill started may still run when the last one is through.
    await expect
      .poll(async () => (await filesByStatus(deployment, { since, statuses: ['PROCESSING', 'RECEIVED'] })).length, {
        timeout: 120_000,
        interval: 500,
      })
      .toBe(0);
    expect(await publishedIds(running)).toEqual([...before, ...ids].sort());
    const taken = (await filesByStatus(deployment, { since })).filter(({ object }) => object.includes(prefix));
    expect(taken).toHaveLength(ids.length);
    expect(taken.filter(({ attempt, triggered_by }) => attempt !== 1 || triggered_by !== 'backfill')).toEqual([]);
  });

  it('tells a deletion from a duplicate', async () => {
    const key = 'reviews/native/erasure.jsonl';
    const asked = { erased_review: { review_id: 'c' }, erased_at: '2026-06-02T00:00:00Z' };
    await running.follow(await running.drop(key, jsonLines([asked])));
    const deletion = await why(deployment, `${key}#1`);
    expect(deletion).toContain('is deleted');
    const reviewKey = /[0-9a-f]{64}/.exec(deletion)?.[0] ?? '';
    expect(await whyReview(deployment, reviewKey)).toMatch(/erasure\.jsonl#1, .*: says that the review is deleted/);
  });

  it('says how many executions run and how many files wait for one, of which a poison message keeps none', async () => {
    await configureFunction(running.platform, 'start-batch', { MAXIMUM_EXECUTIONS: '1' });
    const first = await running.drop('reviews/native/first.jsonl', jsonLines([review('w1')]));
    await expect
      .poll(() => status(deployment, { since }), { timeout: 60_000, interval: 200 })
      .toContain('1 executions');
    const second = await running.drop('reviews/native/second.jsonl', jsonLines([review('w2')]));
    await expect
      .poll(() => status(deployment, { since }), { timeout: 60_000, interval: 100 })
      .toContain('1 executions running, 1 files waiting (the intake has at most 10 run at a time):');
    const QueueUrl = deployment.outputs.IntakeQueueUrl;
    await deployment.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'no event of S3' }));
    expect(await running.follow(first)).toMatchObject({ status: 'PUBLISHED', published: 1 });
    expect(await running.follow(second)).toMatchObject({ status: 'PUBLISHED', published: 1 });
  });

  it('compacts small batches, and finds every record where it is then', async () => {
    const key = 'reviews/native/small.jsonl';
    await running.follow(await running.drop(key, jsonLines([review('s1'), review('s2', { rating: 77 })])));
    const day = /\d{4}-\d\d-\d\d +\d+ /;
    expect((await compact(deployment, { dryRun: true, today: true })).text).toMatch(day);
    const { text, whole } = await compact(deployment, { today: true });
    expect(text).toMatch(day);
    expect(whole).toBe(true);

    const entry = await newestVersion(deployment, key);
    expect(await publishedRows(deployment, 'reviews', entry, ['original_batch_id'])).toMatchObject([
      { original_batch_id: entry.batch_id },
    ]);
    expect(await rejects(deployment, key, { limit: 10 })).toMatch(/^#2 /);
    const published = await why(deployment, `${key}#1`);
    expect(published).toContain('is published as review');
    const reviewKey = /[0-9a-f]{64}/.exec(published)?.[0] ?? '';
    expect(await whyReview(deployment, reviewKey)).toContain(`${key}#1, batch ${entry.batch_id}: counts`);
    await expect
      .poll(async () => (await reconcile(deployment, { grace: 0 })).text, { timeout: 60_000, interval: 1_000 })
      .toContain('All agrees.');
    expect((await compact(deployment, { today: true })).text).toContain('No day has enough small batches.');
  });
});
