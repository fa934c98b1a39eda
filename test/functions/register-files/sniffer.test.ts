import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceContract } from '../../../lib/contracts/sources';
import { breaksOff, sniff, type Verdict } from '../../../lib/functions/register-files/sniffer';
import { contractNamed, contracts, recordOf } from '../../support/records';

type Layout = 'lines' | 'array' | 'concatenated' | 'wrapped';

function wrap(contract: SourceContract, records: object[]): unknown {
  const [path = []] = contract.wrapper?.paths ?? [];
  const inner: unknown =
    contract.wrapper?.holds === 'map' ? Object.fromEntries(records.map((record, i) => [`${i}`, record])) : records;
  return { status: 'ok', ...path.reduceRight<object>((value, key) => ({ [key]: value }), inner as object) };
}

/** A file's text in each of the layouts. */
function write(layout: Layout, contract: SourceContract, records: object[], indent: number): string {
  switch (layout) {
    case 'lines':
      return records.map((record) => `${JSON.stringify(record)}\n`).join('');
    case 'array':
      return JSON.stringify(records, undefined, indent);
    case 'concatenated':
      return records.map((record) => JSON.stringify(record, undefined, indent || 1)).join('\n');
    case 'wrapped':
      return JSON.stringify(wrap(contract, records), undefined, indent);
  }
}

const encodings = {
  'utf-8': (text: string) => Buffer.from(text, 'utf8'),
  'utf-8 with mark': (text: string) => Buffer.from(`\ufeff${text}`, 'utf8'),
  'utf-16le': (text: string) => Buffer.from(text, 'utf16le'),
  'utf-16le with mark': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'utf-16be': (text: string) => Buffer.from(text, 'utf16le').swap16(),
  'utf-16be with mark': (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
} as const;

function look(
  bytes: Uint8Array,
  context: { whole: boolean; final?: boolean; named?: SourceContract },
): Promise<Verdict> {
  return sniff(bytes, { contracts, named: context.named, whole: context.whole, final: context.final ?? context.whole });
}

const anyFile = fc
  .record({
    contract: fc.constantFrom(...contracts),
    layout: fc.constantFrom<Layout>('lines', 'array', 'concatenated', 'wrapped'),
    encoding: fc.constantFrom(...(Object.keys(encodings) as (keyof typeof encodings)[])),
    gzip: fc.boolean(),
    count: fc.integer({ min: 1, max: 12 }),
    indent: fc.constantFrom(0, 2),
    leading: fc.constantFrom('', ' ', '\n', '\r\n\r\n'),
    value: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.integer(),
      fc.constant(null),
      fc.constant(['{', '}']),
    ),
  })
  .filter(({ layout, contract }) => layout !== 'wrapped' || contract.wrapper !== undefined)
  .map((file) => {
    const records = Array.from({ length: file.count }, () => recordOf(file.contract, file.value));
    const text = file.leading + write(file.layout, file.contract, records, file.indent);
    const encoded = encodings[file.encoding](text);
    return { ...file, bytes: file.gzip ? gzipSync(encoded) : encoded };
  });

describe('sniffing a file', () => {
  it('tells source, layout, encoding and compression of every producer’s files', async () => {
    await fc.assert(
      fc.asyncProperty(anyFile, async ({ bytes, contract, layout, encoding, gzip }) => {
        expect(await look(bytes, { whole: true })).toEqual({
          kind: 'readable',
          form: {
            source: contract,
            layout,
            encoding: encoding.replace(' with mark', ''),
            compression: gzip ? 'gzip' : 'none',
          },
        });
      }),
      { numRuns: 300 },
    );
  });

  it('says of the beginning of a file what it says of the whole, or that it needs more', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyFile,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (file, share, named) => {
          // Less than the two bytes of a magic number or of a mark is never read.
          const length = Math.max(4, Math.floor(share * file.bytes.length));
          const known = named ? { named: file.contract } : {};
          const beginning = await look(file.bytes.subarray(0, length), { whole: false, ...known });
          if (beginning.kind !== 'undecided') {
            expect(beginning).toEqual(await look(file.bytes, { whole: true, ...known }));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never throws and always decides in the end, whatever the bytes', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map((tail) => new Uint8Array([0x1f, 0x8b, 8, 0, ...tail])),
      fc.uint8Array({ maxLength: 300 }).map((content) => new Uint8Array(gzipSync(content))),
      fc.string({ unit: fc.constantFrom(...'{}[],:"\'\\ \nau1-') }).map((text) => new TextEncoder().encode(text)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (content, whole) => {
        expect((await look(content, { whole, final: true })).kind).not.toBe('undecided');
      }),
      { numRuns: 500 },
    );
  });

  it('takes the contract that the prefix names, whatever the records look like', async () => {
    const verdict = await look(Buffer.from('{"anything": 1}\n'), { whole: true, named: contractNamed('yelp') });
    expect(verdict).toMatchObject({ kind: 'readable', form: { source: { source: 'yelp' }, layout: 'lines' } });
  });
});

describe('odd files', () => {
  const native = JSON.stringify(recordOf(contractNamed('native'), 'caf\u00e9'));

  it.each<[string, Uint8Array, 'BLANK' | 'NOT_TEXT' | 'UNKNOWN_SOURCE']>([
    ['white space', Buffer.from(' \r\n\t\n'), 'BLANK'],
    ['a byte order mark alone', Buffer.from([0xef, 0xbb, 0xbf]), 'BLANK'],
    ['gzip of nothing', gzipSync(''), 'BLANK'],
    ['gzip of white space', gzipSync(' \n'), 'BLANK'],
    ['a picture', Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n'), gzipSync('picture').subarray(3)]), 'NOT_TEXT'],
    ['gzip cut in its header', gzipSync(native).subarray(0, 8), 'NOT_TEXT'],
    ['UTF-32', Buffer.from([0x7b, 0, 0, 0, 0x7d, 0, 0, 0]), 'NOT_TEXT'],
    ['text without records', Buffer.from('Dear Sir or Madam,\n'), 'UNKNOWN_SOURCE'],
    ['an empty array', Buffer.from('[]'), 'UNKNOWN_SOURCE'],
  ])('%s ends as %s', async (_, bytes, reason) => {
    expect(await look(bytes, { whole: true })).toEqual({ kind: 'unreadable', reason });
  });

  it.each([
    [
      'a shop’s own records, whose product is a text',
      { review_id: 'r', product: 'Lamp', reviewer: 'Ida', rating: 5, created_at: '2025-01-01' },
      'the first record has the keys review_id, product, reviewer, rating, created_at; native comes closest, but "product" is no object',
    ],
    [
      'records near a producer’s',
      { id: 'tp1', consumer: 'Ed', businessUnit: { id: 'b' }, stars: 4, createdAt: '2022-01-01' },
      'the first record has the keys id, consumer, businessUnit, stars, createdAt; trustpilot comes closest, but "consumer" is no object',
    ],
    ['records of nobody', { a: 1, 'ed@shop.example': 2 }, 'the first record has the keys a, 1 more'],
  ])('%s are nobody’s, with what was seen', async (_, record, particulars) => {
    const bytes = Buffer.from(`${JSON.stringify(record)}\n`);
    expect(await look(bytes, { whole: true })).toEqual({ kind: 'unreadable', reason: 'UNKNOWN_SOURCE', particulars });
  });

  it('of the App Store are not taken for Google Play’s', async () => {
    const review = { id: '1', userName: 'Mo', userUrl: 'u', score: 5, title: 't', text: 'x', updated: '2021-07-26' };
    const bytes = Buffer.from(JSON.stringify([{ ...review, url: 'https://itunes.apple.com/us/review?id=5' }]));
    expect(await look(bytes, { whole: true })).toMatchObject({ form: { source: { source: 'app-store' } } });
  });

  it.each<[string, string, Layout]>([
    ['a broken first line', `{"review_id": "a\n${native}\n`, 'lines'],
    ['a first line of text', `# reviews\n${native}\n`, 'lines'],
    ['a first line that begins with a bracket', `[2026-11-21 started] ok\n${native}\n`, 'lines'],
    ['blank lines and CRLF', `\r\n\r\n${native}\r\n${native}\r\n`, 'lines'],
    ['two objects on one line', `${native}${native}`, 'concatenated'],
    [
      'a broken first object over several lines',
      `{\n "a": "x"y",\n "b": 2\n}\n{\n${native.slice(1)}\n`,
      'concatenated',
    ],
    ['one record without a line end', native, 'lines'],
    ['a cut array', `[${native},${native.slice(0, 20)}`, 'array'],
  ])('with %s are still recognised', async (_, text, layout) => {
    expect(await look(Buffer.from(text), { whole: true })).toMatchObject({
      kind: 'readable',
      form: { layout, source: { source: 'native' } },
    });
  });

  it('of Latin-1 text are text: their records are judged one by one', async () => {
    const latin1 = Buffer.from(native, 'latin1');
    expect(await look(latin1, { whole: true })).toMatchObject({ kind: 'readable', form: { encoding: 'utf-8' } });
  });

  it('that unpack to much more than they are do no harm', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024, ' '));
    expect(await look(bomb, { whole: true })).toEqual({ kind: 'unreadable', reason: 'UNKNOWN_SOURCE' });
  });
});

describe('a file of lines', () => {
  const lines = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 5 });

  it('breaks off where its last line has no end and does not parse', () => {
    fc.assert(
      fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), (records, share) => {
        const text = records.map((record) => JSON.stringify(record)).join('\n');
        const cut = text.slice(0, Math.floor(share * text.length));
        const lastLine = cut.slice(cut.lastIndexOf('\n') + 1);
        const parses = lastLine === '' || records.some((record) => JSON.stringify(record) === lastLine);
        expect(breaksOff(cut, true)).toBe(!parses);
      }),
    );
  });

  it('whose last line is longer than what was read is judged by its last character', () => {
    expect(breaksOff('long text of a long record"}', false)).toBe(false);
    expect(breaksOff('long text of a long rec', false)).toBe(true);
  });

  it('does not break off in a record that is complete but wrong', () => {
    expect(breaksOff('{"a": 1}\n{"a": NaN}', true)).toBe(false);
    expect(breaksOff('{"a": 1}\n{"a" 1}', true)).toBe(false);
  });
});
