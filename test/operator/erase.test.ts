import { readFileSync, writeFileSync } from 'node:fs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { erase } from '../../operator/commands/erase';
import { readCompactions } from '../../operator/compactions';
import type { AskedFile, Person } from '../../operator/erasure/jobs';
import { restoreCurrent } from '../../operator/erasure/raw-bucket';
import { unwatched } from '../../operator/watching';
import { FakeDeployment } from '../support/fake-deployment';
import { s3Error } from '../support/fake-s3';
import { objectCreated, type Received } from '../support/pipeline';

const HERS = 'R-9';
const PERSON = { source: 'native', reviewer: HERS };
const attendant = { agree: async () => true, watching: unwatched };

const jobs = vi.hoisted(() => ({ refusal: undefined as string | undefined, spoilt: false }));
vi.mock('../../local/setup/steps', () => ({ setUp: async () => {} }));
// The jobs' own code has tests of its own (test/glue/test_erasure.py); here a file is lines, each a record.
vi.mock('../../operator/erasure/jobs', () => ({
  askJobs: async ({ reviewer }: Person, files: readonly AskedFile[]) =>
    files.map(({ path, target }) => {
      const records = readFileSync(path, 'utf8').split('\n').filter(Boolean);
      const others = records.filter((record) => JSON.parse(record).reviewer.reviewer_id !== reviewer);
      const own = records.length - others.length;
      if (own > 0 && jobs.refusal) return { refusal: jobs.refusal };
      if (target) writeFileSync(target, (jobs.spoilt ? others.slice(1) : others).map((line) => `${line}\n`).join(''));
      return { records: records.length, own, damaged: 0, unread: 0, others: others.length, digest: others.join() };
    }),
}));

const record = (id: string, reviewer: string) =>
  `${JSON.stringify({ review_id: id, reviewer: { reviewer_id: reviewer }, product: { product_id: 'P' }, rating: 4, created_at: '2026-01-01' })}\n`;

let fake: FakeDeployment;
const texts = () =>
  [...fake.pipeline.s3.versions].map(
    ([id, { bytes, isDeleteMarker }]) =>
      `${JSON.parse(id)[0]}: ${isDeleteMarker ? 'deleted' : new TextDecoder().decode(bytes)}`,
  );
const rowOf = (name: string) =>
  [...fake.pipeline.dynamoDb.rows.values()].find(({ object }) => String(object).endsWith(name)) ?? {};
const statuses = () =>
  [...fake.pipeline.dynamoDb.rows.values()].map(({ object, status }) => `${object} ${status}`).sort();
const auditEntries = () =>
  [...fake.pipeline.s3.objects].flatMap(([key, bytes]) =>
    key.includes('/audit/erasures/') ? [new TextDecoder().decode(bytes)] : [],
  );
const drop = (...files: Received[]) => fake.execute({ events: files.map(({ event }) => event) });

type Client = { send: (command: { constructor: { name: string } }, ...rest: unknown[]) => unknown };
const sending = new WeakMap<object, Client['send']>();

/** Has calls fail from now on that change something: those that `fails` says. Returns how many there were. */
function changesFail(fails?: (call: string, number: number) => Error | undefined): () => number {
  let calls = 0;
  for (const client of [fake.deployment.s3, fake.deployment.dynamoDb, fake.deployment.sfn] as object[] as Client[]) {
    const send = sending.get(client) ?? client.send.bind(client);
    sending.set(client, send);
    client.send = (command, ...rest) => {
      const { name } = command.constructor;
      if (/^(Put|Copy|Delete|Update|Start)/.test(name)) {
        calls += 1;
        const error = fails?.(name, calls);
        if (error) throw error;
      }
      return send(command, ...rest);
    };
  }
  return () => calls;
}

const interruptedAt = (n: number) => changesFail((_, number) => (number === n ? new Error('interrupted') : undefined));

/** A batch of two files, one of which holds her beside another; and a file of hers alone. */
async function received(): Promise<void> {
  fake = new FakeDeployment();
  mockClient(fake.deployment.sts).on(GetCallerIdentityCommand).resolves({ Arn: 'arn:aws:sts::1:assumed-role/ops/me' });
  fake.pipeline.s3.onArrival = (version) => fake.execute(objectCreated(version));
  await drop(
    fake.receive('native/mixed.jsonl', record('1', 'R-1') + record('2', HERS) + record('3', 'R-2')),
    fake.receive('native/beside.jsonl', record('4', 'R-1')),
  );
  await drop(fake.receive('native/hers.jsonl', record('5', HERS)));
  // The jobs write a row about her, too, which goes with her reviews.
  const { ingest_date, batch_id, file_id } = rowOf('hers.jsonl');
  fake.publish('reviewers', { id: String(batch_id), ingestDate: String(ingest_date) }, [String(file_id)], HERS);
  fake.inputs.length = 0;
}

beforeEach(async () => {
  jobs.refusal = undefined;
  jobs.spoilt = false;
  await received();
});

const ERASED_EVERYWHERE = {
  texts: [
    `reviews/native/beside.jsonl: ${record('4', 'R-1')}`,
    'reviews/native/hers.jsonl: deleted',
    `reviews/native/mixed.jsonl: ${record('1', 'R-1')}${record('3', 'R-2')}`,
  ],
  statuses: [
    'raw/reviews/native/beside.jsonl PUBLISHED',
    'raw/reviews/native/hers.jsonl ERASED',
    'raw/reviews/native/mixed.jsonl ERASED',
    'raw/reviews/native/mixed.jsonl PUBLISHED',
  ],
  batches: 2,
  rowsOfReviewers: 0,
};
const everywhere = () => ({
  texts: texts().sort(),
  statuses: statuses(),
  batches: fake.batchesIn().length,
  rowsOfReviewers: fake.batchesIn('reviewers').length,
});

async function withdrawn(): Promise<Set<unknown>> {
  const files = [...fake.pipeline.s3.objects].filter(([key]) => key.endsWith('/part-erased.parquet'));
  const rows = await Promise.all(
    files.map(([, bytes]) => parquetReadObjects({ file: bytes.slice().buffer, compressors })),
  );
  return new Set(rows.flat().flatMap(({ key, replaces_batch_id }) => (replaces_batch_id ? [key] : [])));
}

describe('erase', () => {
  it('takes the person out of received files, published batches and work areas, and leaves all others', async () => {
    const { text } = await erase(fake.deployment, PERSON, attendant);
    expect(text).toContain('2 records of the person were erased from 2 versions.');
    expect(text).toContain('a later file of native may hold the person again');
    expect(everywhere()).toEqual(ERASED_EVERYWHERE);
    expect(fake.inputs).toMatchObject([
      // The event of the version that was put, which the intake leaves alone.
      { detail: {} },
      { events: [{}], triggeredBy: 'erase' },
      { replace: {}, triggeredBy: 'erase' },
    ]);
    expect([...fake.pipeline.s3.objects.keys()].filter((key) => key.endsWith('/part-erased.parquet'))).toHaveLength(1);
    const again = await erase(fake.deployment, PERSON, attendant);
    expect(again).toEqual({ text: expect.stringContaining('No version of native holds a record'), isGone: true });
  });

  it('records who erased what, and not whose it was', async () => {
    await erase(fake.deployment, PERSON, attendant);
    expect(auditEntries().map((entry) => JSON.parse(entry))).toMatchObject([
      {
        principal: expect.stringContaining('assumed-role'),
        action: 'erase',
        step: 'begun',
        source: 'native',
        records: 2,
      },
      { step: 'done', versions: 2 },
    ]);
    expect(auditEntries().join()).not.toContain(HERS);
  });

  it('changes nothing with --dry-run, or where nobody agrees', async () => {
    const before = everywhere();
    const changes = changesFail();
    const { text, isGone } = await erase(fake.deployment, { ...PERSON, dryRun: true }, attendant);
    expect(text).toContain('reviews/native/mixed.jsonl (version version-1): 3 records - 1 erased = 2');
    expect(isGone).toBe(false);
    await expect(erase(fake.deployment, PERSON, { ...attendant, agree: async () => false })).rejects.toThrow(
      'Nothing was erased.',
    );
    expect(everywhere()).toEqual(before);
    expect(changes()).toBe(0);
  });

  it('ends in the same state when it is broken off at any of its changes, and run again', async () => {
    const count = changesFail();
    await erase(fake.deployment, PERSON, attendant);
    const changes = count();
    expect(changes).toBeGreaterThan(10);
    for (let n = 1; n <= changes; n += 1) {
      await received();
      interruptedAt(n);
      await expect(erase(fake.deployment, PERSON, attendant), `change ${n}`).rejects.toThrow('interrupted');
      changesFail();
      await erase(fake.deployment, PERSON, attendant);
      expect(everywhere(), `change ${n}`).toEqual(ERASED_EVERYWHERE);
      // Their events say that the batch counts no longer; of the other batch the replacing one says so.
      expect(await withdrawn(), `change ${n}`).toEqual(new Set(['reviews/native/hers.jsonl']));
    }
  });

  it('says of batches whose rows are in files of a compaction only that they count no longer', async () => {
    const batches = ['mixed.jsonl', 'hers.jsonl'].map((name) => String(rowOf(name).batch_id));
    fake.compact(String(rowOf('hers.jsonl').ingest_date), true);
    await erase(fake.deployment, PERSON, attendant);
    expect(await withdrawn()).toEqual(new Set(['reviews/native/hers.jsonl']));
    const { holders } = await readCompactions(fake.deployment);
    expect(batches.filter((id) => holders.has(id))).toEqual([]);
  });

  it('makes each batch again as one batch, and none together with another', async () => {
    const [both, later] = [['one.jsonl', 'two.jsonl'], ['three.jsonl']];
    for (const names of [both, later]) {
      await drop(...names.map((name) => fake.receive(`native/${name}`, record(name, HERS) + record('6', 'R-3'))));
    }
    await erase(fake.deployment, PERSON, attendant);
    const batchOf = (name: string) =>
      [...fake.pipeline.dynamoDb.rows.values()].find(
        ({ object, status }) => String(object).endsWith(name) && status === 'PUBLISHED',
      )?.batch_id;
    const [one, two, three] = [...both, ...later].map(batchOf);
    expect(one).toBeDefined();
    expect(two).toBe(one);
    expect(three).not.toBe(one);
    expect(three).toBeDefined();
  });

  it('makes the version current again that was so before', async () => {
    await drop(fake.receive('native/mixed.jsonl', record('6', 'R-3')));
    await erase(fake.deployment, PERSON, attendant);
    expect(
      texts()
        .filter((text) => text.includes('mixed'))
        .at(-1),
    ).toBe(`reviews/native/mixed.jsonl: ${record('6', 'R-3')}`);
  });
});

it('makes what stands in the place of the newest version current, in whatever order they were put', async () => {
  const key = 'reviews/native/twice.jsonl';
  const versions = { v1: undefined, v2: undefined, r2: 'v2', r1: 'v1' };
  for (const [versionId, replaced] of Object.entries(versions)) {
    const bytes = new TextEncoder().encode(versionId);
    const metadata = replaced && { metadata: { 'replaces-version': replaced } };
    fake.pipeline.s3.versions.set(JSON.stringify([key, versionId]), {
      bytes,
      etag: versionId,
      sizeBytes: 2,
      ...metadata,
    });
  }
  fake.pipeline.s3.onArrival = undefined;
  const ids = { erased: new Set(['v1', 'v2']), gone: new Set<string>() };
  await restoreCurrent(fake.deployment, { bucket: 'raw', key, versionId: 'v1' }, ids);
  expect(texts().at(-1)).toBe(`${key}: r2`);
});

describe('erase refuses, and changes nothing,', () => {
  let before: ReturnType<typeof everywhere>;
  beforeEach(() => {
    before = everywhere();
  });
  const refusedWith = async (message: string, person = PERSON) => {
    await expect(erase(fake.deployment, person, attendant)).rejects.toThrow(message);
    expect(everywhere()).toEqual(before);
    expect(auditEntries()).toEqual([]);
  };

  it('where a file cannot be written without the records', async () => {
    jobs.refusal = 'the archive is damaged';
    await refusedWith('reviews/native/mixed.jsonl (version version-1): the archive is damaged');
  });

  it('where the file that was written does not hold the other records as they were', async () => {
    jobs.spoilt = true;
    await refusedWith('it would not hold the others as they are');
  });

  it('where a file is under way', async () => {
    fake.deaths.push('clean');
    await drop(fake.receive('native/open.jsonl', record('7', HERS)));
    before = everywhere();
    await refusedWith('open.jsonl is under way');
  });

  it('where rows are published of a file whose received version is gone', async () => {
    const batch = { id: '20261101T090000Z-aaaaaaaa', ingestDate: '2026-11-01' };
    fake.publish('reviewers', batch, ['a newer file'], HERS);
    fake.publish('reviews', batch, ['an old file', 'a newer file'], HERS);
    before = everywhere();
    await refusedWith('of files whose received versions are gone: a newer file, an old file');
  });

  it.each([
    ['unheard', 'There is no source unheard.'],
    ['yelp-businesses', 'name no reviewer'],
  ])('for the source %s', async (source, message) => refusedWith(message, { ...PERSON, source }));
});

describe('where AWS fails, erase', () => {
  it('says so when the version without her records FAILED, and processes it when it is run again', async () => {
    fake.figures.set('mixed.jsonl', { published: -1 });
    await expect(erase(fake.deployment, PERSON, attendant)).rejects.toThrow(/FAILED[\s\S]*run the same command again/);
    expect(statuses()).toContain('raw/reviews/native/mixed.jsonl PUBLISHED');
    fake.figures.clear();
    await erase(fake.deployment, PERSON, attendant);
    expect(everywhere()).toEqual(ERASED_EVERYWHERE);
  });

  it('says so when the other files of a batch cannot be processed', async () => {
    fake.figures.set('beside.jsonl', { published: -1 });
    await expect(erase(fake.deployment, PERSON, attendant)).rejects.toThrow('could not be replaced');
    fake.figures.clear();
    await erase(fake.deployment, PERSON, attendant);
    expect(everywhere()).toEqual(ERASED_EVERYWHERE);
  });

  const deletionRefused = () =>
    changesFail((call) => (call === 'DeleteObjectCommand' ? s3Error('AccessDenied', 403) : undefined));

  it('ends with its answer where it may not delete a version', async () => {
    deletionRefused();
    await expect(erase(fake.deployment, PERSON, attendant)).rejects.toThrow('AccessDenied');
  });

  it('names the versions that Object Lock still holds, and deletes them once it does not', async () => {
    const data = { ...fake.deployment.settings.data, objectLock: { mode: 'COMPLIANCE', days: 1 } as const };
    const locked = { ...fake.deployment, settings: { ...fake.deployment.settings, data } };
    // Delete markers come first, and are under no lock.
    changesFail((call, number) =>
      call === 'DeleteObjectCommand' && number > 8 ? s3Error('AccessDenied', 403) : undefined,
    );
    const { text, isGone } = await erase(locked, PERSON, attendant);
    expect(text).toContain('Object Lock still holds versions of reviews/native/');
    expect(isGone).toBe(false);
    changesFail();
    await erase(locked, PERSON, attendant);
    expect(everywhere()).toEqual(ERASED_EVERYWHERE);
  });
});
