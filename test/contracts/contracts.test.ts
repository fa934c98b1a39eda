import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readConnector } from '../../lib/contracts/connectors';
import { envelopes } from '../../lib/contracts/envelopes';
import { isReadable, outcomes } from '../../lib/contracts/outcomes';
import { sources } from '../../lib/contracts/sources';
import { TABLE_NAMES, tables } from '../../lib/contracts/tables';

const CONTRACTS = join(import.meta.dirname, '../../contracts');

function documents(folder: string): unknown[] {
  return readdirSync(join(CONTRACTS, folder))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(CONTRACTS, folder, file), 'utf8')));
}

function schema(file: string): z.ZodType {
  return z.fromJSONSchema(JSON.parse(readFileSync(join(CONTRACTS, file), 'utf8')));
}

describe('source contracts', () => {
  it.each(documents('sources').map((document) => [z.object({ source: z.string() }).parse(document).source, document]))(
    '%s keeps to contracts/source.schema.json',
    (source, document) => {
      expect(schema('source.schema.json').safeParse(document).error).toBeUndefined();
      expect(readdirSync(join(CONTRACTS, 'sources'))).toContain(`${source}.json`);
    },
  );

  it('give every path as a list of keys', () => {
    expect(sources.get('google-play')?.wrapper?.paths).toEqual([['data'], ['results', 'data']]);
  });

  it('take JSON for the notation unless they say otherwise', () => {
    expect(sources.get('native')?.syntax).toBe('json');
    expect(sources.get('beer-advocate')?.syntax).toBe('python-dict');
  });
});

describe("connectors' contracts", () => {
  const contracts = documents('connectors') as Record<string, unknown>[];

  it.each(contracts.map((document) => [String(document.connector), document] as const))(
    '%s keeps to contracts/connector.schema.json, and its source has a contract',
    (_name, document) => {
      expect(schema('connector.schema.json').safeParse(document).error).toBeUndefined();
      expect([...sources.keys()]).toContain(document.source);
    },
  );

  it.each([
    ['an address without TLS', { address: 'http://store.steampowered.com' }],
    ['a field that there is not', { pages: 3 }],
    ['a way of paging that there is not', { pagination: { type: 'scroll' } }],
    ['a schedule that is no rate', { schedule: 'hourly' }],
    ['fields of another kind', { kind: 'sql' }],
  ])('are refused with %s', (_what, wrong) => {
    expect(schema('connector.schema.json').safeParse({ ...contracts[0], ...wrong }).success).toBe(false);
  });
});

describe('a contract of a GraphQL API', () => {
  const graphql = documents('connectors').find((document) => (document as { kind?: string }).kind === 'graphql') as {
    connector: string;
    request: object;
  };
  const { connector, request } = graphql;

  it.each([
    ['without a query', { request: { path: '/graphql' } }, /request\.query: a connector of kind graphql has one/],
    ['that is called REST', { kind: 'rest' }, /request\.query: .*and no other/],
    ['that pages otherwise', { pagination: { type: 'single' } }, /pagination\.type: page-info belongs to/],
    ['that would change something', { request: { ...request, query: ['mutation {'] } }, /query\.0: expected "query/],
  ])('%s is refused', (_what, wrong, message) => {
    expect(() => readConnector(`${connector}.json`, { ...graphql, ...wrong })).toThrow(message);
  });
});

it.each([
  ['nowhere', { pagination: { type: 'page' } }],
  ['in two places', { request: { path: '/{page}' }, pagination: { type: 'page', parameter: 'page' } }],
])('a contract of an API with the number of a page %s is refused', (_what, wrong) => {
  const [api] = documents('connectors').filter((document) => (document as { kind?: string }).kind === 'rest');
  const document = { ...(api as object), connector: 'shop', request: { path: '/' }, ...wrong };
  expect(() => readConnector('shop.json', document)).toThrow(/pagination\.parameter: the number of a page stands in/);
});

describe('a contract of a container of objects', () => {
  const objects = documents('connectors').filter((document) => (document as { kind: string }).kind === 'objects');
  const [azure, gcs] = objects as [object, object];

  it.each([
    ['of azure without an address', { ...azure, address: undefined }, /address: azure has one for each account/],
    [
      'of gcs with a login of azure',
      { ...gcs, authentication: { type: 'sas', secret: 'shop' } },
      /authentication\.type: sas and service-principal are logins of azure/,
    ],
  ])('%s is refused', (_what, document, message) => {
    expect(() => readConnector('shop.json', { ...document, connector: 'shop' })).toThrow(message);
  });

  it.each([
    ['without TLS', { address: 'http://examplereviews.blob.core.windows.net' }],
    ['with a prefix that is no folder', { objects: { container: 'reviews', prefix: 'outgoing' } }],
    ['with a field that nobody reads', { objects: { container: 'reviews', suffix: '.json' } }],
  ])('%s is refused by the schema', (_what, wrong) => {
    expect(schema('connector.schema.json').safeParse(azure).success).toBe(true);
    expect(schema('connector.schema.json').safeParse({ ...azure, ...wrong }).success).toBe(false);
  });
});

describe('contracts of databases', () => {
  const shop = documents('connectors').find((document) => (document as { kind: string }).kind === 'sql') as object;

  it.each([
    ['a table and a query at once', { rows: { table: 'shop.reviews', query: 'SELECT 1', columns: ['a'] } }],
    ['a query whose columns are not named', { rows: { query: 'SELECT 1' } }],
    ['no cursor', { cursor: undefined }],
    ['a database that there is no driver for', { engine: 'oracle' }],
    ['a password in it', { authentication: { type: 'password', secret: 'shop-database', password: 'x' } }],
  ])('are refused with %s', (_what, wrong) => {
    const document = JSON.parse(JSON.stringify({ ...shop, ...wrong }));
    expect(schema('connector.schema.json').safeParse(document).success).toBe(false);
  });
});

describe('contracts of collections', () => {
  const shop = documents('connectors').find((document) => (document as { kind: string }).kind === 'mongodb') as object;

  it.each([
    ['no collection', { collection: undefined }],
    ["a collection of the server's own", { collection: 'system.users' }],
    ['no cursor', { cursor: undefined }],
    ['a cursor that is a list of names', { cursor: { field: ['updated_at'], form: 'iso' } }],
    ['a field that no document has', { fields: ['reviewer..name'] }],
    ['fields that are left out instead of taken', { fields: { email: 0 } }],
    ['a key: it is always _id', { key: ['review_id'] }],
    ['a password in it', { authentication: { type: 'password', secret: 'shop-mongodb', password: 'x' } }],
  ])('are refused with %s', (_what, wrong) => {
    const document = JSON.parse(JSON.stringify({ ...shop, ...wrong }));
    expect(schema('connector.schema.json').safeParse(document).success).toBe(false);
  });
});

describe('envelopes', () => {
  it('keep to contracts/envelopes.schema.json', () => {
    const document: unknown = JSON.parse(readFileSync(join(CONTRACTS, 'envelopes.json'), 'utf8'));
    expect(schema('envelopes.schema.json').safeParse(document).error).toBeUndefined();
  });

  it('are each found by a key that is their own', () => {
    const looked = envelopes.map(({ keys, anyOf }) => anyOf ?? keys.slice(0, 1));
    expect(looked.every((keys) => keys.length > 0)).toBe(true);
  });
});

describe('published tables', () => {
  it('are those of contracts/tables', () => {
    expect(TABLE_NAMES.map((name) => `${name}.json`).sort()).toEqual(readdirSync(join(CONTRACTS, 'tables')).sort());
  });

  it.each(TABLE_NAMES)('%s keeps to contracts/table.schema.json, and its key is made of its columns', (name) => {
    const table = tables[name];
    expect(schema('table.schema.json').safeParse(table).error).toBeUndefined();
    const known = [...table.columns.map((column) => column.name), ...table.partitions];
    expect(known).toEqual(expect.arrayContaining(table.key));
  });
});

describe('outcomes', () => {
  it('tell records that could be read from those that could not', () => {
    expect(isReadable('RATING_INVALID')).toBe(true);
    expect(isReadable('MALFORMED_JSON')).toBe(false);
    expect(isReadable('NO_SUCH_REASON')).toBeUndefined();
  });

  it('have two states that do not end a file', () => {
    const open = Object.entries(outcomes.fileStatuses).filter(([, { terminal }]) => !terminal);
    expect(open.map(([status]) => status)).toEqual(['RECEIVED', 'PROCESSING']);
  });
});
