import { readFileSync } from 'node:fs';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { type ExecutionListItem, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { startOfBatch } from '../../lib/functions/ledger/identity';
import { reconcile } from '../../operator/commands/reconcile';
import { filesByStatus } from '../../operator/ledger-queries';
import { publishedRows } from '../../operator/published-rows';
import { repair } from '../../operator/reconcile/repair';
import { type Death, FakeDeployment } from '../support/fake-deployment';
import { s3Error } from '../support/fake-s3';
import type { Received } from '../support/pipeline';

let fake: FakeDeployment;
const look = () => reconcile(fake.deployment, { grace: 15 });
const repairAll = () => reconcile(fake.deployment, { grace: 15, repair: true });
const drop = (...files: Received[]) => fake.execute({ events: files.map(({ event }) => event) });
const statuses = () => fake.pipeline.dynamoDb.statuses();

beforeEach(() => {
  fake = new FakeDeployment();
  fake.figures.set('mixed.jsonl', { published: 3, rejected: { MISSING_ID: 2 } });
});

describe('where all agrees', () => {
  it('reports nothing and starts nothing', async () => {
    await drop(fake.receive('a.jsonl'), fake.receive('mixed.jsonl'), fake.receive('zero', ''));
    expect(await repairAll()).toEqual({ agrees: true, text: expect.stringContaining('All agrees.') });
    expect(fake.inputs).toHaveLength(1);
  });

  it('expects no review of the products that a catalogue describes', async () => {
    const { record } = JSON.parse(readFileSync('test/glue/sources/yelp-businesses.json', 'utf8'));
    fake.figures.set('businesses.jsonl', { published: 1, table: null });
    await drop(
      fake.receive('yelp-businesses/businesses.jsonl', `${JSON.stringify(record)}\n`),
      fake.receive('a.jsonl'),
    );
    expect(statuses()).toEqual({ 'yelp-businesses/businesses.jsonl': 'PUBLISHED', 'a.jsonl': 'PUBLISHED' });
    expect(await look()).toEqual({ agrees: true, text: expect.stringContaining('All agrees.') });
  });

  it('names files that are FAILED, which the ledger explains', async () => {
    fake.pipeline.s3.mock.on(CopyObjectCommand).rejects(s3Error('AccessDenied', 403));
    await drop(fake.receive('a.jsonl'));
    expect(await look()).toEqual({ agrees: true, text: expect.stringContaining('1 files are FAILED') });
  });
});

describe('a file whose producer says how many records it has put in', () => {
  const line = '{"reviewerID": "a", "asin": "b", "overall": 5.0, "unixReviewTime": 1}\n';
  const stored = (records: string) => fake.pipeline.receive('a.jsonl', line.repeat(3), { metadata: { records } });

  it.each(['3', 'three', ''])('agrees where that is what was read, or no number: %j', async (records) => {
    await drop(stored(records));
    expect(await look()).toEqual({ agrees: true, text: expect.stringContaining('All agrees.') });
  });

  it('is MISCOUNTED where another number was read, which no repair hides', async () => {
    await drop(stored('4'));
    expect((await look()).text).toContain('reviews/a.jsonl: 3 records read; its producer put in 4');
    expect(await repairAll()).toEqual({ agrees: false, text: expect.stringContaining('MISCOUNTED: 1 read') });
  });

  it('stays counted after a replay that has failed', async () => {
    await drop(stored('4'));
    const [batchId] = fake.batchesIn();
    fake.deaths.push('record outcome');
    await fake.execute({ replace: { batchId } });
    expect((await repairAll()).text).toContain('MISCOUNTED: 1 read');
  });
});

describe('a batch that Snowflake does not show', () => {
  const finding = (id: string) => ({ kind: 'NOT_IN_WAREHOUSE' as const, batchId: id, detail: '' });

  it('is looked for by the function that does so every hour, once for each day', async () => {
    const called = mockClient(fake.deployment.lambda).on(InvokeCommand).resolves({});
    const batches = ['20261121T090000Z-aaaaaaaa', '20261121T100000Z-bbbbbbbb', '20261119T090000Z-cccccccc'];
    expect(await repair(fake.deployment, batches.map(finding))).toEqual([]);
    const [call, ...others] = called.commandCalls(InvokeCommand);
    expect(others).toEqual([]);
    expect(call?.args[0].input.FunctionName).toBe('reviews-dev-refresh-external-tables');
    expect(JSON.parse(String(call?.args[0].input.Payload))).toEqual({ dates: ['2026-11-21', '2026-11-19'] });
  });

  it('is reported where the function fails, with where to look', async () => {
    mockClient(fake.deployment.lambda).on(InvokeCommand).resolves({ FunctionError: 'Unhandled' });
    await expect(repair(fake.deployment, [finding('20261121T090000Z-aaaaaaaa')])).rejects.toMatchObject({
      message: expect.stringContaining('reviews-dev-refresh-external-tables ended with Unhandled'),
    });
  });
});

describe('a file that no execution has taken', () => {
  it('is MISSED, and processed by the repair', async () => {
    fake.receive('lost.jsonl');
    const found = await look();
    expect(found.agrees).toBe(false);
    expect(found.text).toContain('MISSED: 1 in the raw bucket');
    expect(found.text).toContain('reviews/lost.jsonl, version version-1');
    expect(await repairAll()).toMatchObject({ agrees: true });
    expect(statuses()).toEqual({ 'lost.jsonl': 'PUBLISHED' });
    expect(fake.inputs).toMatchObject([{ triggeredBy: 'reconcile' }]);
  });

  it('may be on its way while it is young', async () => {
    fake.receive('young.jsonl');
    const minutes = (Date.now() - Date.parse('2026-11-21T08:59:58Z')) / 60_000;
    expect(await reconcile(fake.deployment, { grace: Math.ceil(minutes) + 1 })).toMatchObject({ agrees: true });
  });
});

describe('an execution that was killed and reported by nobody', () => {
  it.each<Death>(['clean', 'record outcome', 'in the midst of record outcome'])(
    'before %s: its files are published exactly once after the repair',
    async (death) => {
      fake.deaths.push(death);
      await drop(fake.receive('a.jsonl'), fake.receive('mixed.jsonl'));
      const midst = death === 'in the midst of record outcome';
      expect((await look()).text).toContain(midst ? 'UNTOLD: 1' : 'STUCK: 2 under way');
      expect(await repairAll()).toMatchObject({ agrees: true });
      expect(statuses()).toEqual({ 'a.jsonl': 'PUBLISHED', 'mixed.jsonl': 'PUBLISHED' });
      expect(fake.batchesIn('reviews')).toHaveLength(1);
      expect(fake.batchesIn('rejected_records')).toHaveLength(1);
      const [batch] = fake.batchesIn();
      const told = [...fake.pipeline.s3.objects.keys()].filter((key) => key.endsWith('/part-outcome.parquet'));
      expect(told).toEqual([expect.stringContaining(`batch_id=${batch}/`)]);
    },
  );

  it('of a replay leaves what was published before', async () => {
    await drop(fake.receive('a.jsonl'));
    const [batchId] = fake.batchesIn();
    fake.deaths.push('record outcome');
    await fake.execute({ replace: { batchId } });
    expect(fake.batchesIn()).toHaveLength(2);
    expect(await repairAll()).toMatchObject({ agrees: true });
    expect(fake.batchesIn()).toEqual([batchId]);
    expect(statuses()).toEqual({ 'a.jsonl': 'PUBLISHED' });
  });

  it('ends with everything published once, whatever is killed when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom<Death | undefined>(undefined, 'clean', 'record outcome', 'in the midst of record outcome'),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        async (deaths) => {
          fake = new FakeDeployment();
          for (const [index, death] of deaths.entries()) {
            fake.deaths.push(death);
            await drop(fake.receive(`${index}.jsonl`), fake.receive(`${index}-too.jsonl`));
          }
          expect(await repairAll()).toMatchObject({ agrees: true });
          expect(new Set(Object.values(statuses()))).toEqual(new Set(['PUBLISHED']));
        },
      ),
      { numRuns: 15 },
    );
  });
});

describe('objects of the published tables', () => {
  const [ORPHAN, DATE] = ['20261121T070000Z-deadbeef', '2026-11-21'];

  it('that no outcome of the ledger explains are ORPHANED, and removed by the repair', async () => {
    await drop(fake.receive('a.jsonl'));
    fake.publish('reviews', { id: ORPHAN, ingestDate: DATE }, ['x', 'y']);
    const { text } = await look();
    expect(text).toContain(`ORPHANED: 1 in the published tables`);
    expect(text).toContain(`batch ${ORPHAN}: 1 objects, 2 reviews, 0 rejected`);
    expect(await repairAll()).toMatchObject({ agrees: true });
    expect(fake.batchesIn()).not.toContain(ORPHAN);
    expect(fake.batchesIn()).toHaveLength(1);
  });

  it('that are gone make a batch HALF_PUBLISHED; the repair replaces it', async () => {
    await drop(fake.receive('a.jsonl'), fake.receive('mixed.jsonl'));
    const [gone] = [...fake.pipeline.s3.objects.keys()].filter((key) => key.includes('tables/rejected_records/'));
    fake.pipeline.s3.objects.delete(gone as string);
    expect((await look()).text).toMatch(/batch \S+: 4 reviews, 0 rejected; the ledger says 4 reviews, 2 rejected/);
    expect(await repairAll()).toMatchObject({ agrees: true });
    expect(fake.batchesIn('reviews')).toHaveLength(1);
    expect(fake.batchesIn('rejected_records')).toHaveLength(1);
  });

  it('that are gone of a CRM make its batch HALF_PUBLISHED, too', async () => {
    const { record } = JSON.parse(readFileSync('test/glue/sources/salesforce-cases.json', 'utf8'));
    fake.figures.set('cases.jsonl', { published: 1, table: 'support_cases' });
    await drop(fake.receive('salesforce-cases/cases.jsonl', `${JSON.stringify(record)}\n`));
    expect(await look()).toMatchObject({ agrees: true });
    const [gone] = [...fake.pipeline.s3.objects.keys()].filter((key) => key.includes('tables/support_cases/'));
    fake.pipeline.s3.objects.delete(gone as string);
    expect((await look()).text).toMatch(
      /batch \S+: 0 reviews, 0 rejected; the ledger says 0 reviews, 1 cases, 0 rejected/,
    );
  });

  it('of an execution that runs are left alone', async () => {
    fake.deaths.push('record outcome');
    const executionArn = await drop(fake.receive('a.jsonl'));
    const [batch = ''] = fake.batchesIn();
    const execution = { executionArn, startDate: startOfBatch(batch) } as ExecutionListItem;
    fake.sfn.on(ListExecutionsCommand).resolves({ executions: [execution] });
    expect(await repairAll()).toMatchObject({ agrees: true });
    expect(fake.batchesIn()).toEqual([batch]);
  });
});

describe('batches whose rows a compaction has put together', () => {
  const today = () => new Date(Date.now() - 3_600_000).toISOString().slice(0, 10);
  const compacted = (key: string) => key.includes('-compacted/');

  it.each([false, true])('agree, whether their own files are gone or not (%s)', async (ended) => {
    await drop(fake.receive('a.jsonl'), fake.receive('mixed.jsonl'));
    await drop(fake.receive('b.jsonl'));
    fake.compact(today(), ended);
    expect(fake.batchesIn()).toHaveLength(ended ? 1 : 3);
    expect(await repairAll()).toEqual({ agrees: true, text: expect.stringContaining('All agrees.') });
  });

  it('show their rows to who asks for those of a file', async () => {
    await drop(fake.receive('a.jsonl'), fake.receive('mixed.jsonl'));
    await drop(fake.receive('b.jsonl'));
    const entries = await filesByStatus(fake.deployment, { since: new Date(0) });
    const rows = () => Promise.all(entries.map((entry) => publishedRows(fake.deployment, 'reviews', entry, [])));
    const before = (await rows()).map(({ length }) => length);
    expect([...before].sort()).toEqual([1, 1, 3]);
    fake.compact(today(), true);
    expect((await rows()).map(({ length }) => length)).toEqual(before);
  });

  it('are replaced by the repair where a large file is gone', async () => {
    await drop(fake.receive('a.jsonl'), fake.receive('mixed.jsonl'));
    fake.compact(today(), true);
    const [gone] = [...fake.pipeline.s3.objects.keys()].filter((key) => compacted(key) && key.includes('/reviews/'));
    fake.pipeline.s3.objects.delete(gone as string);
    expect((await look()).text).toMatch(
      /HALF_PUBLISHED[\s\S]*: 0 reviews, 0 rejected; the ledger says 4 reviews, 2 rejected/,
    );
    expect(await repairAll()).toMatchObject({ agrees: true });
    expect(statuses()).toEqual({ 'a.jsonl': 'PUBLISHED', 'mixed.jsonl': 'PUBLISHED' });
  });

  it("may be replaced, and what the large files still have of them is nobody's orphan", async () => {
    await drop(fake.receive('a.jsonl'));
    const [batchId] = fake.batchesIn();
    fake.compact(today(), true);
    await fake.execute({ replace: { batchId } });
    expect([...fake.pipeline.s3.objects.keys()]).toContainEqual(
      expect.stringContaining(`batch_id=${batchId}/_withdrawn`),
    );
    expect(await look()).toMatchObject({ agrees: true });
  });
});

describe('what a connector has fetched', () => {
  const FOLDER = 'steam-api/steam-reviews/a%20%28b%29';
  const line = (id: number) =>
    `${JSON.stringify({ recommendationid: `${id}`, author: { steamid: '1' }, voted_up: true, timestamp_created: 1 })}\n`;

  /** Writes what the connector notes of its list `a (b)`. */
  const note = (objects: number, records: number) =>
    fake.pipeline.dynamoDb.rows.set('journal', {
      object: 'connector:steam-reviews',
      version_id: 'a (b)',
      state: { figures: JSON.stringify({ sequence: objects, stored: records, counted: null }), seen: '' },
      revision: 4,
    });

  beforeEach(async () => {
    // Pieces of a list that is too long for one item.
    const piece = { object: 'connector:steam-reviews', version_id: 'a (b)#seen-0-0', seen: '' };
    fake.pipeline.dynamoDb.rows.set('piece', piece);
    await drop(
      fake.receive(`${FOLDER}/00000001-a.jsonl.gz`, line(1) + line(2)),
      fake.receive(`${FOLDER}/00000002-b.jsonl.gz`, line(3)),
    );
    expect(statuses()).toMatchObject({ [`${FOLDER}/00000002-b.jsonl.gz`]: 'PUBLISHED' });
  });

  it('agrees with what has arrived', async () => {
    note(2, 3);
    expect(await look()).toEqual({ agrees: true, text: expect.stringContaining('1 lists of connectors') });
  });

  it('agrees where the list was begun again: there are more objects than noted', async () => {
    note(1, 2);
    expect(await look()).toMatchObject({ agrees: true });
  });

  it.each([
    [3, 4],
    [2, 4],
    [2, 2],
  ])(
    'is FETCHED_OTHERWISE where it has noted %i objects with %i records: named, with what to do',
    async (...figures) => {
      note(...figures);
      const { agrees, text } = await repairAll();
      expect(agrees).toBe(false);
      expect(text).toContain('FETCHED_OTHERWISE: 1 lists of connectors');
      const [objects, records] = figures;
      expect(text).toContain(
        `connector steam-reviews, list a (b): it has stored ${records} records in ${objects} objects; the raw bucket and the ledger know 2 objects, with 3 records.`,
      );
      expect(text).toContain('delete the item "connector:steam-reviews", "a (b)" of the ledger table');
      expect((await look()).text).toContain('No repair does this');
      expect(fake.inputs).toHaveLength(1);
    },
  );

  it('is not judged by its records while a file of it waits for its outcome', async () => {
    note(3, 9);
    fake.deaths.push('clean');
    await drop(fake.receive(`${FOLDER}/00000003-c.jsonl.gz`, line(4)));
    const { text } = await look();
    expect(text).toContain('STUCK: 1');
    expect(text).not.toContain('FETCHED_OTHERWISE');
  });

  it('may be more than what has arrived where a person was erased', async () => {
    note(2, 4);
    const { records_read, ...row } =
      fake.pipeline.dynamoDb.row(`reviews/${FOLDER}/00000002-b.jsonl.gz`, 'version-2') ?? {};
    const erased = { version_id: 'version-0', file_id: 'erased', status: 'ERASED', status_shard: 'ERASED#0' };
    fake.pipeline.dynamoDb.rows.set('erased', { ...row, ...erased });
    expect((await look()).text).not.toContain('FETCHED_OTHERWISE');
  });
});

it('says in JSON what it found, what it started and what is left', async () => {
  fake.receive('lost.jsonl');
  const { text } = await reconcile(fake.deployment, { grace: 15, repair: true, json: true });
  expect(JSON.parse(text)).toMatchObject({
    agrees: true,
    found: [{ kind: 'MISSED' }],
    left: [],
    started: [expect.any(String)],
  });
});
