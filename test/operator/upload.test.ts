import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { upload } from '../../operator/commands/upload';
import { unwatched } from '../../operator/watching';
import { FakeDeployment } from '../support/fake-deployment';
import { s3Error } from '../support/fake-s3';

describe('upload', () => {
  let folder: string;
  let fake: FakeDeployment;
  /** Metadata of the objects in the bucket, by key. */
  const there = new Map<string, Record<string, string>>();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'upload-'));
    writeFileSync(join(folder, 'a.jsonl'), '{"a": 1}\n');
    writeFileSync(join(folder, 'b.jsonl'), '{"b": 1}\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    fake = new FakeDeployment();
    there.clear();
    const s3 = mockClient(fake.deployment.s3);
    s3.on(HeadObjectCommand).callsFake(({ Key }) => {
      const Metadata = there.get(Key);
      if (!Metadata) throw s3Error('NotFound', 404);
      return { Metadata };
    });
    s3.on(PutObjectCommand).callsFake(({ Key, Metadata }) => {
      there.set(Key, Metadata);
      return {};
    });
  });

  it('puts files under the keys that the intake takes, and says where to follow them', async () => {
    const text = await upload(fake.deployment, [folder], { source: 'native' }, unwatched);
    expect([...there.keys()]).toEqual(['reviews/native/a.jsonl', 'reviews/native/b.jsonl']);
    expect(text).toContain('2 files put.');
    expect(text).toContain('files reviews/native/a.jsonl');
  });

  it('sends only what is missing when it is repeated, and what has changed', async () => {
    await upload(fake.deployment, [folder], {}, unwatched);
    there.delete('reviews/b.jsonl');
    there.set('reviews/a.jsonl', { sha256: 'of another content' });
    const answer = JSON.parse(await upload(fake.deployment, [folder], { json: true }, unwatched));
    expect(answer).toEqual({ put: ['reviews/a.jsonl', 'reviews/b.jsonl'], present: [] });
    expect(JSON.parse(await upload(fake.deployment, [folder], { json: true }, unwatched))).toEqual({
      put: [],
      present: ['reviews/a.jsonl', 'reviews/b.jsonl'],
    });
  });

  it('refuses a producer without a contract before anything is sent', async () => {
    await expect(upload(fake.deployment, [folder], { source: 'nobody' }, unwatched)).rejects.toThrow('no such source');
    expect(there.size).toBe(0);
  });
});
