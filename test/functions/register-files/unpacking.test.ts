import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sniff } from '../../../lib/functions/register-files/sniffer';
import { contractNamed, contracts, recordOf } from '../../support/records';
import { tarOf } from '../../support/tar';

const native = contractNamed('native');
const text = `${JSON.stringify(recordOf(native, 'x'))}\n`;

function look(bytes: Uint8Array, named?: typeof native) {
  return sniff(bytes, { contracts, named, whole: true, final: true });
}

function zipOf(name: string, content: string, method: 0 | 8): Buffer {
  const packed = method === 8 ? deflateRawSync(content) : Buffer.from(content);
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(packed.length, 18);
  header.writeUInt32LE(content.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), packed, Buffer.from('PK\x01\x02', 'latin1')]);
}

describe('a packed file', () => {
  it.each<[string, Uint8Array, object]>([
    ['tar', tarOf('reviews.json', text), { compression: 'none', archive: 'tar', layout: 'any' }],
    ['tar in gzip', gzipSync(tarOf('r.json', text)), { compression: 'gzip', archive: 'tar', layout: 'any' }],
    ['tar in zstd', zstdCompressSync(tarOf('r.json', text)), { compression: 'zstd', archive: 'tar', layout: 'any' }],
    ['zip', zipOf('r.json', text, 8), { compression: 'none', archive: 'zip', layout: 'any' }],
    ['stored zip', zipOf('r.json', text, 0), { compression: 'none', archive: 'zip', layout: 'any' }],
    ['zstd', zstdCompressSync(text), { compression: 'zstd', layout: 'lines' }],
  ])('of %s is recognised by what is in it', async (_, bytes, form) => {
    expect(await look(bytes)).toMatchObject({ kind: 'readable', form: { ...form, source: native } });
  });

  it('of bzip2 needs the producer in its key, for nothing of it can be seen', async () => {
    const bytes = Buffer.concat([Buffer.from('BZh9'), Buffer.from('314159265359', 'hex'), Buffer.alloc(40, 0x55)]);
    expect(await look(bytes, native)).toMatchObject({ form: { compression: 'bzip2', layout: 'any', source: native } });
    expect(await look(bytes)).toMatchObject({
      reason: 'UNKNOWN_SOURCE',
      particulars: expect.stringContaining('put it under reviews/<source>/'),
    });
  });
});

describe('a file of another format', () => {
  it.each<[string, Uint8Array]>([
    ['Apache Parquet', Buffer.from('PAR1\x15\x04\x15')],
    ['Apache Avro', Buffer.from('Obj\x01\x04\x16avro.schema')],
    ['Apache ORC', Buffer.from('ORC\n\x05')],
    ['an Office document (such as xlsx)', zipOf('[Content_Types].xml', '<Types/>', 8)],
    ['7-Zip', Buffer.from('377abcaf271c0004', 'hex')],
    ['RAR', Buffer.from('Rar!\x1a\x07\x01\x00', 'latin1')],
    ['xz', Buffer.from('fd377a585a000004', 'hex')],
    ['LZ4', Buffer.from('04224d18', 'hex')],
    ['gzip inside of gzip', gzipSync(gzipSync(text))],
    ['zip inside of gzip', gzipSync(zipOf('r.json', text, 8))],
  ])('is refused as %s, with what to do', async (name, bytes) => {
    const verdict = await look(bytes, native);
    expect(verdict).toMatchObject({ kind: 'unreadable', reason: 'NOT_TEXT' });
    expect(verdict).toHaveProperty('particulars', expect.stringMatching(/^It is .+\. .+\.$/));
    expect(verdict).toHaveProperty('particulars', expect.stringContaining(name));
  });
});

describe('zero bytes', () => {
  it('in front of the first line do not hide it', async () => {
    const bytes = Buffer.concat([Buffer.alloc(4096), Buffer.from(text)]);
    expect(await look(bytes)).toMatchObject({ form: { layout: 'lines', source: native } });
  });
});
