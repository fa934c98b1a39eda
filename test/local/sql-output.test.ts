import { describe, expect, it } from 'vitest';
import { formatRows, meant, unknownObject } from '../../local/run/sql-output';

const RESULT = {
  columns: ['NAME', 'WRITTEN_ON', 'SEEN_AT', 'MORE', 'COUNT'],
  types: { NAME: 'text', WRITTEN_ON: 'date', SEEN_AT: 'timestamp_ntz', MORE: 'variant', COUNT: 'fixed' },
  rows: [
    {
      NAME: 'Kettle, "red"',
      WRITTEN_ON: new Date('2026-05-04T00:00:00Z'),
      SEEN_AT: new Date('2026-05-04T10:00:00.250Z'),
      MORE: { size: [1, 2] },
      COUNT: 1234,
    },
    { NAME: null, WRITTEN_ON: null, SEEN_AT: null, MORE: null, COUNT: 0 },
  ],
};

describe('rows of a query', () => {
  it('are a table with times in ISO 8601 and variants as JSON', () => {
    const [head, first, second, counted] = formatRows(RESULT, 'table').split('\n');
    expect(head).toMatch(/^name +written_on +seen_at +more +count/);
    expect(first).toMatch(/Kettle, "red" +2026-05-04 +2026-05-04T10:00:00\.250Z +\{"size":\[1,2\]\} +1234/);
    expect(second).toMatch(/^– +– +– +– +0/);
    expect(counted).toBe('2 rows');
  });

  it('are written one column a line where the table is wider than the screen, or where asked', () => {
    const lines = formatRows(RESULT, 'vertical');
    expect(formatRows(RESULT, 'table', 40)).toBe(lines);
    expect(lines).toContain('row 1\n  name        Kettle, "red"\n  written_on  2026-05-04');
    expect(formatRows(RESULT, 'table', 120)).not.toContain('row 1');
  });

  it('are CSV by RFC 4180: fields with quotes or commas are quoted, no value is nothing', () => {
    expect(formatRows(RESULT, 'csv').split('\n')).toEqual([
      'name,written_on,seen_at,more,count',
      '"Kettle, ""red""",2026-05-04,2026-05-04T10:00:00.250Z,"{""size"":[1,2]}",1234',
      ',,,,0',
    ]);
  });

  it('are JSON that a program reads', () => {
    expect(JSON.parse(formatRows(RESULT, 'json'))[1]).toEqual({
      name: null,
      written_on: null,
      seen_at: null,
      more: null,
      count: 0,
    });
  });

  it('may be none', () => {
    expect(formatRows({ ...RESULT, rows: [] }, 'table', 10)).toBe('0 rows');
    expect(formatRows({ ...RESULT, rows: [] }, 'json')).toBe('[]');
  });
});

describe('the name that was meant', () => {
  const known = ['RAW.REJECTED_RECORDS', 'PRESENTATION.PRODUCT_SUMMARY', 'RAW.REVIEWS'];

  it.each([
    ['REJECTED_RECORDS', 'RAW.REJECTED_RECORDS'],
    ['rejected_record', 'RAW.REJECTED_RECORDS'],
    ['PRESENTATION.PRODUCT_SUMARY', 'PRESENTATION.PRODUCT_SUMMARY'],
    ['WEATHER', undefined],
  ])('by %s is %s', (unknown, name) => {
    expect(meant(unknown, known)).toBe(name);
  });

  it.each([
    [
      "SQL compilation error:\nObject 'REVIEWS.PRESENTATION.REJECTED' does not exist or not authorized.",
      'REVIEWS.PRESENTATION.REJECTED',
    ],
    ['002003 (42S02): Catalog Error: Table with name REJECTED does not exist!', 'REJECTED'],
    ['syntax error', undefined],
  ])('is looked for only where Snowflake knows no such object: %s', (message, name) => {
    expect(unknownObject(message)).toBe(name);
  });
});
