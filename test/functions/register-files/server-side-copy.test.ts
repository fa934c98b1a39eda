import { AbortMultipartUploadCommand, CompleteMultipartUploadCommand, UploadPartCopyCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyObjectVersion, copySource, partRanges } from '../../../lib/functions/register-files/server-side-copy';
import { FakeS3, s3Error } from '../../support/fake-s3';

const GIB = 1024 ** 3;
const TIB = 1024 ** 4;

describe('the source of a copy', () => {
  const anyKey = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
    fc.string({ unit: fc.constantFrom(...' +%2Bé/=\'"\\\n&?#*()!~;:@$,.\u{1f600}'), minLength: 1, maxLength: 300 }),
  );

  it('comes back as the very key and version, whatever they are', () => {
    fc.assert(
      fc.property(anyKey, fc.string({ minLength: 1 }), (key, versionId) => {
        const header = copySource({ bucket: 'raw', key, versionId });
        // What every server agrees on: no character that it could decode in another way.
        expect(header).toMatch(/^raw\/[A-Za-z0-9\-._~%/]*\?versionId=[A-Za-z0-9\-._~%]+$/);
        const [path = '', version = ''] = header.slice('raw/'.length).split('?versionId=');
        expect([decodeURIComponent(path), decodeURIComponent(version)]).toEqual([key, versionId]);
      }),
    );
  });

  it.each([
    ['a b+c', 'a%20b%2Bc'],
    ['50%2B/x', '50%252B/x'],
    ['quote\'"', 'quote%27%22'],
    ['line\nbreak', 'line%0Abreak'],
    ['ünï', '%C3%BCn%C3%AF'],
    ['x'.repeat(1_024), 'x'.repeat(1_024)],
  ])('of %j is %s', (key, encoded) => {
    expect(copySource({ bucket: 'raw', key, versionId: 'v1' })).toBe(`raw/${encoded}?versionId=v1`);
  });
});

describe('the parts of a large object', () => {
  it('cover it without gap or overlap, and are as S3 takes them', () => {
    fc.assert(
      fc.property(fc.integer({ min: GIB / 4 + 1, max: 48 * TIB }), (sizeBytes) => {
        const ranges = partRanges(sizeBytes);
        expect(ranges.length).toBeLessThanOrEqual(10_000);
        expect(ranges[0]?.first).toBe(0);
        expect(ranges.at(-1)?.last).toBe(sizeBytes - 1);
        expect(ranges.every(({ first, last }) => last >= first && last - first < 5 * GIB)).toBe(true);
        expect(ranges.slice(1).every(({ first }, index) => first === (ranges[index]?.last ?? 0) + 1)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  const source = { bucket: 'raw', key: 'reviews/large', versionId: 'v1' };
  const target = { bucket: 'processed', key: 'work/large' };

  it('are put together in their order', async () => {
    const s3 = new FakeS3();
    await copyObjectVersion(source, 6 * GIB, target);
    const [complete] = s3.mock.commandCalls(CompleteMultipartUploadCommand);
    expect(complete?.args[0].input.MultipartUpload?.Parts).toEqual(
      Array.from({ length: 24 }, (_, index) => ({ PartNumber: index + 1, ETag: `part ${index + 1}` })),
    );
  });

  it('are taken for anything larger than a quarter of a gibibyte, which one call would copy too slowly', async () => {
    const s3 = new FakeS3();
    await copyObjectVersion(source, GIB / 4 + 1, target);
    expect(s3.mock.commandCalls(UploadPartCopyCommand)).toHaveLength(2);
  });

  it('are removed when one of them cannot be copied', async () => {
    const s3 = new FakeS3();
    s3.mock.on(UploadPartCopyCommand, { PartNumber: 3 }).rejects(s3Error('NoSuchVersion', 404));
    await expect(copyObjectVersion(source, 6 * GIB, target)).rejects.toMatchObject({ name: 'NoSuchVersion' });
    expect(s3.mock.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
    expect(s3.mock.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(0);
  });

  it('do not hide what went wrong when they cannot be removed either', async () => {
    const s3 = new FakeS3();
    s3.mock.on(UploadPartCopyCommand).rejects(s3Error('NoSuchVersion', 404));
    s3.mock.on(AbortMultipartUploadCommand).rejects(s3Error('InternalError', 500));
    await expect(copyObjectVersion(source, 6 * GIB, target)).rejects.toMatchObject({ name: 'NoSuchVersion' });
  });
});
