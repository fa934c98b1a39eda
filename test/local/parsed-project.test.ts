import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bringParsedProject, keepParsedProject } from '../../local/platform/parsed-project';
import { FakeS3 } from '../support/fake-s3';

describe("dbt's parsed project", () => {
  const KEY = 'artifacts/dbt/between-runs/partial_parse.msgpack';

  function setUp() {
    const folder = mkdtempSync(join(tmpdir(), 'parsed-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return { fake: new FakeS3(), s3: new S3Client({ region: 'us-east-1' }), kept: join(folder, 'dbt', 'parsed') };
  }

  it('comes from one run into the bucket of the next', async () => {
    const { fake, s3, kept } = setUp();
    fake.objects.set(`first/${KEY}`, new TextEncoder().encode('parsed'));
    await keepParsedProject(s3, 'first', kept);
    await bringParsedProject(s3, 'second', kept);
    expect(new TextDecoder().decode(fake.objects.get(`second/${KEY}`))).toBe('parsed');
  });

  it('is missed by nobody where no run has parsed it', async () => {
    const { fake, s3, kept } = setUp();
    fake.mock.on(GetObjectCommand).rejects(new NoSuchKey({ message: 'none', $metadata: {} }));
    await keepParsedProject(s3, 'first', kept);
    await bringParsedProject(s3, 'second', kept);
    expect([...fake.objects.keys()]).toEqual([]);
  });
});
