import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { bucket, destroyable, kept, ROLES, snowflake, stack, startAnew } from '../../support/provisioning';

beforeEach(startAnew);
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('deletion of the warehouse', () => {
  it('drops what holds no data, and keeps what dbt has made with those who may read it', async () => {
    await stack.deploy(kept);
    await stack.destroy();
    expect([...snowflake.objects.keys()].sort()).toEqual(
      [
        'DATABASE REVIEWS',
        ...ROLES.map((role) => `ROLE ${role}`),
        ...['RAW', 'STAGING', 'CORE', 'PRESENTATION'].map((schema) => `SCHEMA REVIEWS.${schema}`),
        'WAREHOUSE REVIEWS_WH',
      ].sort(),
    );
    expect(bucket.notifications).toEqual({ QueueConfigurations: [] });
  });

  it('with both keys to destroying data drops everything', async () => {
    await stack.deploy(destroyable);
    await stack.destroy();
    expect([...snowflake.objects.keys()]).toEqual([]);
    expect([...snowflake.grants]).toEqual([]);
  });

  it.each([
    [['Integration', 'Database', 'Notification', 'Refresh']],
    [['Database', 'Integration', 'Refresh', 'Notification']],
  ])('succeeds in the order %j too', async (order) => {
    await stack.deploy(destroyable);
    await stack.destroy(order);
    expect([...snowflake.objects.keys()]).toEqual([]);
  });

  it('succeeds when the bucket has gone before', async () => {
    await stack.deploy(kept);
    bucket.exists = false;
    await expect(stack.destroy()).resolves.toBeUndefined();
  });

  it('is repeated without harm, and after others have dropped things', async () => {
    await stack.deploy(kept);
    const resources = new Map(stack.resources);
    snowflake.remove('STAGE', 'REVIEWS.RAW.PUBLISHED');
    snowflake.remove('USER', 'REVIEWS_DBT');
    await stack.destroy();
    stack.resources = resources;
    await expect(stack.destroy()).resolves.toBeUndefined();
  });

  it('leaves alone what was not made here', async () => {
    await stack.deploy(destroyable);
    for (const [, object] of snowflake.objects) object.comment = 'Ours now.';
    const before = [...snowflake.objects.keys()];
    await stack.destroy();
    expect([...snowflake.objects.keys()]).toEqual(before);
  });

  it('is followed by a deployment that finds what was kept', async () => {
    await stack.deploy(kept);
    const before = snowflake.snapshot();
    const database = snowflake.get('DATABASE', 'REVIEWS').made;
    await stack.destroy();
    expect(await stack.deploy(kept)).toBeUndefined();
    expect(snowflake.snapshot()).toEqual(before);
    expect(snowflake.get('DATABASE', 'REVIEWS').made).toBe(database);
  });
});
