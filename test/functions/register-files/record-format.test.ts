import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { RecordFormat, SourceContract } from '../../../lib/contracts/sources';
import { sniff } from '../../../lib/functions/register-files/sniffer';
import { contractNamed, contracts, recordOf } from '../../support/records';

const native = contractNamed('native');
const lines = `${JSON.stringify(recordOf(native, 'x'))}\n`;
const rows = '# export\nno;item;"stars"\n1;P1;"4\n5"\n2;P2;3\n';
const PARQUET = Buffer.from('PAR1\x15\x04\x15');
const AVRO = Buffer.from('Obj\x01\x04\x16avro.schema');

function shop(format: RecordFormat, csv: Partial<SourceContract['csv']> = {}): SourceContract {
  return {
    ...native,
    source: 'shop',
    format,
    csv: { delimiter: ',', quote: '"', ...csv },
    recognise: { all: [['no'], ['stars']], types: {}, none: ['other'] },
  };
}

const semicolons = shop('csv', { delimiter: ';', comment: '#' });

function look(bytes: Uint8Array | string, named?: SourceContract, more: readonly SourceContract[] = []) {
  return sniff(Buffer.from(bytes), { contracts: [...contracts, ...more], named, whole: true, final: true });
}

describe('a file of the format that its contract reads', () => {
  it.each<[string, Uint8Array | string, SourceContract, object]>([
    ['CSV', rows, semicolons, { layout: 'csv', compression: 'none' }],
    ['CSV with one column', 'no\n1\n2\n', shop('csv'), { layout: 'csv' }],
    ['CSV in UTF-16', Buffer.from(`\ufeff${rows}`, 'utf16le'), semicolons, { layout: 'csv', encoding: 'utf-16le' }],
    ['CSV in Latin-1', Buffer.from('no,item\n1,café\n', 'latin1'), shop('csv'), { layout: 'csv', encoding: 'utf-8' }],
    ['CSV in gzip', gzipSync(rows), semicolons, { layout: 'csv', compression: 'gzip' }],
    ['Parquet', PARQUET, shop('parquet'), { layout: 'parquet', compression: 'none' }],
    ['Parquet in zstd', zstdCompressSync(PARQUET), shop('parquet'), { layout: 'parquet', compression: 'zstd' }],
    ['Avro', AVRO, shop('avro'), { layout: 'avro', compression: 'none' }],
    ['Avro in gzip', gzipSync(AVRO), shop('avro'), { layout: 'avro', compression: 'gzip' }],
    ['XML', '<?xml version="1.0"?><reviews/>', shop('xml'), { layout: 'xml' }],
  ])('is read: %s', async (_, bytes, named, form) => {
    expect(await look(bytes, named)).toMatchObject({ kind: 'readable', form: { ...form, source: named } });
  });

  it('is recognised by the columns that its header names, where no folder names the producer', async () => {
    expect(await look(rows, undefined, [semicolons])).toMatchObject({ form: { layout: 'csv', source: semicolons } });
    expect(await look(rows.replace('item', 'other'), undefined, [semicolons])).toMatchObject({ kind: 'unreadable' });
    expect(await look(rows, undefined, [shop('csv')])).toMatchObject({ kind: 'unreadable' });
  });

  it('whose beginning is white space only is left to the jobs as what the contract reads', async () => {
    const verdict = await sniff(Buffer.from('\n\n'), { contracts, named: semicolons, whole: false, final: true });
    expect(verdict).toMatchObject({ form: { layout: 'csv' } });
  });

  it('is judged once its header is seen', async () => {
    const context = { contracts: [semicolons], named: undefined, whole: false, final: false };
    expect(await sniff(Buffer.from('no;it'), context)).toEqual({ kind: 'undecided' });
  });
});

describe('a file of another format than its contract reads', () => {
  it.each<[string, Uint8Array | string, SourceContract, string]>([
    ['JSON for CSV', lines, semicolons, 'It is JSON, and the contract shop reads CSV.'],
    ['an array for CSV', `[${lines}]`, semicolons, 'It is JSON, and'],
    ['XML for CSV', '<reviews/>', semicolons, 'It is XML, and'],
    ['CSV for JSON', rows.slice(9), native, 'It is CSV, and the contract native reads JSON.'],
    ['XML for JSON', '<reviews><review/></reviews>', native, 'It is XML, and'],
    ['JSON for Parquet', lines, shop('parquet'), 'It is JSON, and the contract shop reads Apache Parquet.'],
    ['text for XML', 'no XML', shop('xml'), 'It is text, and the contract shop reads XML.'],
    ['an error page for XML', '<!doctype html>\n<title>502</title>', shop('xml'), 'It is text, and'],
    ['Avro for Parquet', AVRO, shop('parquet'), 'It is Apache Avro, and the contract shop reads Apache Parquet.'],
    ['Parquet for CSV', PARQUET, semicolons, 'It is Apache Parquet, and'],
  ])('is refused by name: %s', async (_, bytes, named, said) => {
    expect(await look(bytes, named)).toEqual({
      kind: 'unreadable',
      reason: 'NOT_TEXT',
      particulars: expect.stringContaining(said),
    });
  });

  it('is read where records stand among lines that look like a table', async () => {
    const mixed = `time,level\nstarted,info\n${lines}`;
    expect(await look(mixed, native)).toMatchObject({ kind: 'readable', form: { layout: 'lines' } });
  });

  it('goes the way of JSON as an error page: its lines are rejected one by one', async () => {
    for (const page of ['<!doctype html>\n<title>502</title>\n', '<HTML lang="en">\n']) {
      expect(await look(page, native)).toMatchObject({ kind: 'readable', form: { layout: 'lines' } });
    }
  });

  it('is never recognised by a contract of another format', async () => {
    const csv = { ...native, source: 'other', format: 'csv' as const };
    expect(await look(lines, undefined, [csv])).toMatchObject({ form: { source: native } });
    expect(
      await sniff(Buffer.from(lines), { contracts: [csv], named: undefined, whole: true, final: true }),
    ).toMatchObject({ reason: 'UNKNOWN_SOURCE' });
  });
});

describe('a file without a contract', () => {
  it.each([
    ['CSV', 'shop,stars,e-mail of 12345\n1,2,3\n', undefined],
    ['CSV', 'shop,stars\n1,2\n', 'its columns are shop, stars.'],
    ['CSV', 'shop\tstars\n1\t2\n', 'its columns are shop, stars.'],
    ['XML', '<?xml version="1.0"?>\n<reviews/>', '"format": "xml"'],
    ['Apache Avro', AVRO, 'Put it under reviews/<source>/'],
    ['Apache Parquet', PARQUET, 'Put it under reviews/<source>/'],
  ])('is named: %s', async (name, bytes, said) => {
    const verdict = await look(bytes);
    expect(verdict).toMatchObject({ kind: 'unreadable' });
    if (said === undefined) expect(verdict).not.toHaveProperty('particulars', expect.stringContaining('12345'));
    else {
      expect(verdict).toHaveProperty('particulars', expect.stringContaining(`It is ${name}`));
      expect(verdict).toHaveProperty('particulars', expect.stringContaining(said));
    }
  });
});
