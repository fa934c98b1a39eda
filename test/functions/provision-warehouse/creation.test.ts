import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  bare,
  bucket,
  destroyable,
  kept,
  ROLES,
  snowflake,
  stack,
  startAnew,
  TABLES,
} from '../../support/provisioning';
import { rewritten } from '../../support/warehouse';

// Pauses pass at once; the clock that decides when to give up goes on by them.
vi.mock('node:timers/promises', () => ({
  setTimeout: vi.fn(async (milliseconds: number) => {
    if (vi.isFakeTimers()) vi.setSystemTime(Date.now() + milliseconds);
  }),
}));

beforeEach(startAnew);
afterEach(() => {
  vi.mocked(sleep).mockClear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the first deployment of the warehouse', () => {
  it('makes everything, each thing owned by the role that is to own it', async () => {
    expect(await stack.deploy(kept)).toBeUndefined();
    expect(snowflake.names('EXTERNAL TABLE').sort()).toEqual(TABLES.map((table) => `REVIEWS.RAW.${table}`));
    expect(snowflake.names('ROLE')).toEqual(ROLES);
    const owners = Object.fromEntries([...snowflake.objects].map(([key, { owner }]) => [key, owner]));
    expect(owners).toMatchObject({
      'INTEGRATION REVIEWS_S3': 'PROVISIONER',
      'DATABASE REVIEWS': 'PROVISIONER',
      'SCHEMA REVIEWS.RAW': 'REVIEWS_LOADER',
      'SCHEMA REVIEWS.STAGING': 'REVIEWS_TRANSFORMER',
      'SCHEMA REVIEWS.CORE': 'REVIEWS_TRANSFORMER',
      'SCHEMA REVIEWS.PRESENTATION': 'REVIEWS_TRANSFORMER',
      'FILE FORMAT REVIEWS.RAW.PARQUET': 'REVIEWS_LOADER',
      'STAGE REVIEWS.RAW.PUBLISHED': 'REVIEWS_LOADER',
      'EXTERNAL TABLE REVIEWS.RAW.REVIEWS': 'REVIEWS_LOADER',
      'WAREHOUSE REVIEWS_WH': 'PROVISIONER',
      'USER REVIEWS_DBT': 'PROVISIONER',
    });
  });

  it('lists no files where the history is too large for that', async () => {
    snowflake.bucket = ['part-0.parquet'];
    const large = rewritten(kept, (json) => json.replace('"ListFiles":"true"', '"ListFiles":"false"')).filter(
      ({ id }) => id !== 'Refresh',
    );
    expect(await stack.deploy(large)).toBeUndefined();
    expect(snowflake.names('EXTERNAL TABLE')).toHaveLength(TABLES.length);
    expect([...snowflake.listed.values()].flat()).toEqual([]);
  });

  it('lets each role do its work and no more', async () => {
    await stack.deploy(kept);
    const of = (role: string) => [...snowflake.grants].filter((grant) => grant.endsWith(` to ${role}`)).sort();
    expect(of('REVIEWS_REPORTER')).toEqual([
      'SELECT on ALL TABLES in REVIEWS.PRESENTATION to REVIEWS_REPORTER',
      'SELECT on ALL VIEWS in REVIEWS.PRESENTATION to REVIEWS_REPORTER',
      'SELECT on FUTURE TABLES in REVIEWS.PRESENTATION to REVIEWS_REPORTER',
      'SELECT on FUTURE VIEWS in REVIEWS.PRESENTATION to REVIEWS_REPORTER',
      'USAGE on DATABASE REVIEWS to REVIEWS_REPORTER',
      'USAGE on SCHEMA REVIEWS.PRESENTATION to REVIEWS_REPORTER',
      'USAGE on WAREHOUSE REVIEWS_WH to REVIEWS_REPORTER',
    ]);
    expect(of('REVIEWS_TRANSFORMER')).toEqual([
      'SELECT on ALL EXTERNAL TABLES in REVIEWS.RAW to REVIEWS_TRANSFORMER',
      'SELECT on FUTURE EXTERNAL TABLES in REVIEWS.RAW to REVIEWS_TRANSFORMER',
      'USAGE on DATABASE REVIEWS to REVIEWS_TRANSFORMER',
      'USAGE on FILE FORMAT REVIEWS.RAW.PARQUET to REVIEWS_TRANSFORMER',
      'USAGE on SCHEMA REVIEWS.RAW to REVIEWS_TRANSFORMER',
      'USAGE on STAGE REVIEWS.RAW.PUBLISHED to REVIEWS_TRANSFORMER',
      'USAGE on WAREHOUSE REVIEWS_WH to REVIEWS_TRANSFORMER',
    ]);
    expect(of('REVIEWS_LOADER')).toEqual([
      'USAGE on DATABASE REVIEWS to REVIEWS_LOADER',
      'USAGE on INTEGRATION REVIEWS_S3 to REVIEWS_LOADER',
    ]);
    expect([...snowflake.grants].filter((grant) => / to (ROLE|USER) /.test(grant))).toEqual([
      'REVIEWS_LOADER to ROLE PROVISIONER',
      'REVIEWS_TRANSFORMER to ROLE PROVISIONER',
      'REVIEWS_TRANSFORMER to USER REVIEWS_DBT',
    ]);
  });

  it('tells the bucket to notify the queue that the tables listen to, and then looks for earlier files', async () => {
    await stack.deploy(kept);
    expect(bucket.notifications).toEqual({
      QueueConfigurations: [
        {
          Id: 'reviews-test-warehouse',
          QueueArn: 'arn:aws:sqs:eu-west-1:999999999999:sf-snowpipe-ABC',
          Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
          Filter: {
            Key: {
              FilterRules: [
                { Name: 'prefix', Value: 'tables/' },
                { Name: 'suffix', Value: '.parquet' },
              ],
            },
          },
        },
      ],
    });
    expect(stack.requests).toEqual(['Create Integration', 'Create Database', 'Create Notification', 'Create Refresh']);
    const afterNotification = snowflake.statements.filter((text) => text.endsWith('REFRESH'));
    expect(afterNotification).toHaveLength(TABLES.length);
  });

  it('makes no warehouse unless one is configured, and always a user for dbt', async () => {
    await stack.deploy(bare);
    expect([...snowflake.names('WAREHOUSE'), ...snowflake.names('USER')]).toEqual(['REVIEWS_DBT']);
    expect(snowflake.get('USER', 'REVIEWS_DBT').options).not.toHaveProperty('DEFAULT_WAREHOUSE');
  });

  it('logs out of every session', async () => {
    await stack.deploy(kept);
    expect(snowflake.logins).toBeGreaterThan(0);
    expect(snowflake.open).toBe(0);
  });

  it('waits until AWS lets Snowflake assume the new role', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    let tries = 0;
    snowflake.assumable = () => {
      tries += 1;
      return tries > 3;
    };
    expect(await stack.deploy(kept)).toBeUndefined();
    expect(vi.mocked(sleep).mock.calls.filter(([pause]) => pause === 5_000)).toHaveLength(3);
  });

  it('gives up when AWS has not done so after two minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const began = Date.now();
    snowflake.assumable = () => false;
    expect(await stack.deploy(destroyable)).toBe(
      'Snowflake refused CREATE EXTERNAL TABLE REVIEWS.RAW.REVIEWS: 003167 Error assuming AWS_ROLE. Please verify the role and externalId are configured.',
    );
    expect((Date.now() - began) / 1000).toBe(115);
    expect([...snowflake.objects.keys()]).toEqual([]);
  });
});

describe('the other notifications of the bucket', () => {
  it('stay as they are, whatever happens to the stack', async () => {
    const others = {
      EventBridgeConfiguration: {},
      QueueConfigurations: [
        { Id: 'theirs', QueueArn: 'arn:aws:sqs:eu-west-1:111122223333:theirs', Events: ['s3:ObjectRestore:*'] },
      ],
    };
    bucket.notifications = others;
    await stack.deploy(kept);
    expect(bucket.notifications.EventBridgeConfiguration).toEqual({});
    expect(bucket.notifications.QueueConfigurations).toHaveLength(2);
    await stack.destroy();
    expect(bucket.notifications).toEqual(others);
  });
});

describe('the time of a provisioning request', () => {
  it('ends with an error that names the step that came too late', async () => {
    stack.remaining = 20_000;
    expect(await stack.deploy(kept)).toMatch(/^There was no time left for SELECT CURRENT_ROLE/);
  });
});

describe('a provisioning request that is malformed', () => {
  it('is answered with a failure', async () => {
    const answer = await stack.send('Create', 'Thing', 'Custom::Unheard', {});
    expect(answer).toMatchObject({ Status: 'FAILED', PhysicalResourceId: 'nothing was made' });
    expect(answer.Reason).toContain('ResourceType');
  });

  it('is refused by the path of each wrong property, without its value', async () => {
    const [integration] = kept;
    const properties = { ...integration?.properties({}), AllowedLocation: 'https://secret', Colour: 'red' };
    const answer = await stack.send('Create', 'Integration', 'Custom::SnowflakeStorageIntegration', properties);
    expect(answer.Reason).toContain('AllowedLocation: expected s3://<bucket>/<prefix>/');
    expect(answer.Reason).toContain('Colour');
    expect(answer.Reason).not.toContain('secret');
    expect(snowflake.logins).toBe(0);
  });
});
