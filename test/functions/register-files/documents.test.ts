import { describe, expect, it } from 'vitest';
import { sniff } from '../../../lib/functions/register-files/sniffer';
import { contractNamed, contracts, recordOf } from '../../support/records';

const native = contractNamed('native');
const record = recordOf(native, 'x');

function look(value: unknown, named?: typeof native) {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return sniff(bytes, { contracts, named, whole: true, final: true });
}

const columns = Object.fromEntries(Object.entries(record).map(([key, value]) => [key, { '0': value, '1': value }]));
const split = { columns: Object.keys(record), index: [0], data: [Object.values(record)] };

describe('a document that no contract describes', () => {
  it.each([
    ['a page', { total: 1, reviews: [record] }, { path: ['reviews'], holds: 'array' }],
    ['a page with a head', { data: { reviews: [record], next: 2 } }, { path: ['data', 'reviews'], holds: 'array' }],
    ['pages in an array', [{ page: 1, items: [record] }], { path: ['items'], holds: 'array' }],
    ['a page of envelopes', { data: [{ _airbyte_data: record }] }, { path: ['data'], holds: 'array' }],
    ['a map of id to record', { r1: record, r2: record }, { path: [], holds: 'map' }],
    ['a map of id to record in a page', { data: { r1: record } }, { path: ['data'], holds: 'map' }],
    ['a table by columns', columns, { path: [], holds: 'columns' }],
    ['a table by rows', split, { path: [], holds: 'split' }],
  ])('is told as %s', async (_, value, wrapper) => {
    expect(await look(value)).toMatchObject({ form: { layout: 'wrapped', source: native, wrapper } });
    expect(await look(value, native)).toMatchObject({ form: { layout: 'wrapped', source: native, wrapper } });
  });

  it('with nothing but strangers is a page only where the key names the producer', async () => {
    const page = { reviews: [{ id: 1 }], next: null };
    const particulars = 'the first record has the keys reviews, next';
    expect(await look(page)).toEqual({ kind: 'unreadable', reason: 'UNKNOWN_SOURCE', particulars });
    expect(await look(page, native)).toMatchObject({ form: { wrapper: { path: ['reviews'], holds: 'array' } } });
  });

  it.each([
    ['a record with a list of its own', { ...record, items: [{ a: 1 }] }],
    ['a record that lacks a key, with a list', { review_id: 'x', items: [{ a: 1 }] }],
    ['a record in an envelope', { payload: record, schema: {} }],
  ])('is not seen in %s', async (_, value) => {
    const verdict = await look(value, native);
    expect(verdict).toMatchObject({ form: { layout: 'lines', source: native } });
    expect(verdict).not.toHaveProperty('form.wrapper');
  });
});

describe('an envelope', () => {
  const typed = Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, typeof value === 'object' ? { M: value } : { S: 'x' }]),
  );

  it.each([
    ['Airbyte', { _airbyte_ab_id: '1', _airbyte_data: record }],
    ['Debezium in Kafka Connect', { schema: {}, payload: { before: null, after: record, op: 'c' } }],
    ['a DynamoDB export', { Item: typed }],
    ['a record of DynamoDB Streams', { eventName: 'INSERT', dynamodb: { NewImage: typed } }],
  ])('of %s does not hide the producer', async (_, value) => {
    expect(await look(value)).toMatchObject({ form: { layout: 'lines', source: native } });
  });

  it('with a key that it does not have is none', async () => {
    const particulars = 'the first record has the keys _airbyte_data, more';
    expect(await look({ _airbyte_data: record, more: 1 })).toEqual({
      kind: 'unreadable',
      reason: 'UNKNOWN_SOURCE',
      particulars,
    });
  });
});

describe('Python dicts', () => {
  it('are recognised under every contract', async () => {
    const text = `{${Object.entries(record)
      .map(([key, value]) => `'${key}': ${typeof value === 'object' ? '{}' : "'x'"}`)
      .join(', ')}}\n`;
    expect(await look(text)).toMatchObject({ form: { layout: 'lines', source: native } });
  });
});
