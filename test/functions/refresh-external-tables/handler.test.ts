import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TABLE_NAMES } from '../../../lib/contracts/tables';
import { refresh } from '../../../lib/functions/refresh-external-tables/handler';
import { snowflake, stack, startAnew } from '../../support/provisioning';
import { warehouseResources, warehouseSettings } from '../../support/warehouse';

const NOW = Date.parse('2026-11-21T00:30:00Z');
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const run = (event: unknown = { source: 'aws.events' }) => refresh(event, context, snowflake.login, NOW);
const asked = () => snowflake.statements.filter((text) => / REFRESH '/.test(text));

beforeEach(async () => {
  await startAnew();
  vi.stubEnv('WAREHOUSE_DATABASE', 'REVIEWS');
  await stack.deploy(warehouseResources(warehouseSettings({ compute: {} })));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

describe('the scheduled refresh of external tables', () => {
  it('looks, as their owner, at the last three days of every table, by their folders', async () => {
    await run();
    expect(asked()).toHaveLength(3 * TABLE_NAMES.length);
    for (const day of ['2026-11-21', '2026-11-20', '2026-11-19']) {
      expect(asked()).toContain(`ALTER EXTERNAL TABLE "REVIEWS"."RAW"."REVIEW_TAGS" REFRESH 'ingest_date=${day}/'`);
    }
    expect(snowflake.statements).toContain('USE ROLE "REVIEWS_LOADER"');
    expect(snowflake.open).toBe(0);
  });

  it('looks further back when it is told to', async () => {
    await run({ days: 30 });
    expect(asked()).toHaveLength(30 * TABLE_NAMES.length);
    await expect(run({ days: 0 })).rejects.toThrow(/days/);
  });

  it('looks at the days that it is given, and no others', async () => {
    await run({ dates: ['2025-02-03'] });
    expect(asked()).toHaveLength(TABLE_NAMES.length);
    expect(asked()).toContain(`ALTER EXTERNAL TABLE "REVIEWS"."RAW"."REVIEWS" REFRESH 'ingest_date=2025-02-03/'`);
    await expect(run({ dates: ["2025-02-03/' --"] })).rejects.toThrow(/dates/);
  });

  it('says how many files it has put right', async () => {
    snowflake.refreshed = (table, below) =>
      table === 'REVIEWS.RAW.PRODUCTS' && below.includes('2026-11-20')
        ? [
            { file: 'tables/products/a', status: 'REGISTERED_NEW' },
            { file: 'tables/products/b', status: 'UNREGISTERED' },
          ]
        : [];
    expect(await run()).toEqual({ registered: 1, unregistered: 1 });
  });

  it('fails, and so raises its alarm, where Snowflake cannot read a file', async () => {
    snowflake.refreshed = (table, below) =>
      table === 'REVIEWS.RAW.REVIEWS' && below.includes('2026-11-21')
        ? [{ file: 'tables/reviews/part-0.parquet', status: 'REGISTER_FAILED' }]
        : [];
    await expect(run()).rejects.toThrow('cannot register 1 files, the first: reviews: tables/reviews/part-0.parquet.');
    expect(snowflake.open).toBe(0);
  });

  it('fails where a table no longer notices new files', async () => {
    snowflake.pipeState = (table) => (table === 'REVIEWS.RAW.REVIEWS' ? 'STOPPED_MISSING_PIPE' : 'RUNNING');
    await expect(run()).rejects.toThrow('Tables that no notification reaches: reviews STOPPED_MISSING_PIPE.');
  });
});
