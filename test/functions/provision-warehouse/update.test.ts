import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoginError } from '../../../lib/functions/snowflake/provisioning-errors';
import { snowflakeError } from '../../support/fake-snowflake';
import {
  bare,
  bucket,
  changes,
  destroyable,
  kept,
  loginBy,
  news,
  refuseChange,
  snowflake,
  stack,
  startAnew,
  TABLES,
} from '../../support/provisioning';
import { BUCKET, PUBLIC_KEY, rewritten } from '../../support/warehouse';

beforeEach(startAnew);
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Whether a statement changes what a table is. */
const changesTable = (text: string) => /^(CREATE|ALTER|DROP).* TABLE "/.test(text) && !text.includes(' REFRESH');
const raised = (json: string) => json.replace('"Revision":"1"', '"Revision":"2"');

describe('a later deployment of the warehouse', () => {
  it('that changes nothing asks nothing', async () => {
    await stack.deploy(kept);
    stack.requests.splice(0);
    await stack.deploy(kept);
    expect(stack.requests).toEqual([]);
  });

  it('with a raised revision goes through everything, keeps what is there and ends in the same catalogue', async () => {
    await stack.deploy(kept);
    const before = snowflake.snapshot();
    const made = new Map([...snowflake.objects].map(([key, object]) => [key, object.made]));
    news();
    expect(await stack.deploy(rewritten(kept, raised))).toBeUndefined();
    expect(snowflake.snapshot()).toEqual(before);
    expect(new Map([...snowflake.objects].map(([key, object]) => [key, object.made]))).toEqual(made);
    expect(news().filter((text) => /^CREATE (OR REPLACE )?EXTERNAL|^DROP|^GRANT OWNERSHIP/.test(text))).toEqual([]);
  });

  it('with a raised revision repairs what was changed by hand', async () => {
    await stack.deploy(kept);
    const before = snowflake.snapshot();
    snowflake.remove('INTEGRATION', 'REVIEWS_S3');
    snowflake.remove('EXTERNAL TABLE', 'REVIEWS.RAW.PRODUCTS');
    snowflake.get('STAGE', 'REVIEWS.RAW.PUBLISHED').options.URL = "'s3://elsewhere/'";
    const first = stack.resources.get('Integration')?.attributes.ExternalId;
    expect(await stack.deploy(rewritten(kept, raised))).toBeUndefined();
    expect(snowflake.snapshot()).toEqual(before);
    expect(stack.resources.get('Integration')?.attributes.ExternalId).not.toBe(first);
  });

  const withColumn = (column: string) =>
    rewritten(kept, (json) =>
      json.replace('{"Name":"review_key","Type":"string"}', `{"Name":"review_key","Type":"string"},${column}`),
    );

  it('with a new column adds it; no table lists its files again, and external id, stage and channel stay', async () => {
    await stack.deploy(kept);
    const attributes = [...stack.resources.values()].map((resource) => resource.attributes);
    const made = snowflake.get('EXTERNAL TABLE', 'REVIEWS.RAW.REVIEWS').made;
    const stageMade = snowflake.get('STAGE', 'REVIEWS.RAW.PUBLISHED').made;
    news();
    expect(await stack.deploy(withColumn('{"Name":"mood","Type":"decimal(4,2)"}'))).toBeUndefined();
    expect(news().filter(changesTable)).toEqual([
      'ALTER TABLE "REVIEWS"."RAW"."REVIEWS" ADD COLUMN "MOOD" NUMBER(4,2) AS (VALUE:"mood"::NUMBER(4,2))',
    ]);
    expect(snowflake.get('EXTERNAL TABLE', 'REVIEWS.RAW.REVIEWS').made).toBe(made);
    expect([...stack.resources.values()].map((resource) => resource.attributes)).toEqual(attributes);
    expect(snowflake.get('STAGE', 'REVIEWS.RAW.PUBLISHED').made).toBe(stageMade);
    expect(stack.requests.slice(4)).toEqual(['Update Database']);
    expect(await stack.deploy(rewritten(withColumn('{"Name":"mood","Type":"decimal(4,2)"}'), raised))).toBeUndefined();
    expect(news().filter(changesTable)).toEqual([]);
  });

  it('with a column of another type makes that column again', async () => {
    await stack.deploy(withColumn('{"Name":"mood","Type":"string"}'));
    news();
    expect(await stack.deploy(withColumn('{"Name":"mood","Type":"boolean"}'))).toBeUndefined();
    expect(news().filter(changesTable)).toEqual([
      'ALTER TABLE "REVIEWS"."RAW"."REVIEWS" DROP COLUMN "MOOD"',
      'ALTER TABLE "REVIEWS"."RAW"."REVIEWS" ADD COLUMN "MOOD" BOOLEAN AS (VALUE:"mood"::BOOLEAN)',
    ]);
  });

  it('without a column drops it', async () => {
    await stack.deploy(kept);
    const before = snowflake.snapshot();
    await stack.deploy(withColumn('{"Name":"mood","Type":"string"}'));
    news();
    expect(await stack.deploy(kept)).toBeUndefined();
    expect(news().filter(changesTable)).toEqual(['ALTER TABLE "REVIEWS"."RAW"."REVIEWS" DROP COLUMN "MOOD"']);
    expect(snowflake.snapshot()).toEqual(before);
  });

  it('with a new table makes and fills it; without a table drops that one', async () => {
    const without = rewritten(kept, (json) =>
      json.replace(/\{"Name":"REVIEW_TAGS","Folder".*?\]\},?/, '').replace('"REVIEW_TAGS",', ''),
    );
    await stack.deploy(without);
    expect(snowflake.names('EXTERNAL TABLE')).not.toContain('REVIEWS.RAW.REVIEW_TAGS');
    snowflake.bucket = ['part-0.parquet'];
    await stack.deploy(kept);
    expect(snowflake.listed.get('REVIEWS.RAW.REVIEW_TAGS')).toEqual(['part-0.parquet']);
    await stack.deploy(without);
    expect(snowflake.names('EXTERNAL TABLE')).toHaveLength(TABLES.length - 1);
  });

  it('with another prefix moves integration, stage, tables and notification; the external id stays', async () => {
    await stack.deploy(kept);
    const externalId = stack.resources.get('Integration')?.attributes.ExternalId;
    const moved = rewritten(kept, (json) =>
      json.replaceAll('/tables/"', '/published/"').replace('"tables/"', '"published/"'),
    );
    expect(await stack.deploy(moved)).toBeUndefined();
    expect(snowflake.get('INTEGRATION', 'REVIEWS_S3').options.STORAGE_ALLOWED_LOCATIONS).toContain('/published/');
    expect(snowflake.get('STAGE', 'REVIEWS.RAW.PUBLISHED').options.URL).toBe(`'s3://${BUCKET}/published/'`);
    expect(JSON.stringify(bucket.notifications)).toContain('published/');
    expect(stack.resources.get('Integration')?.attributes.ExternalId).toBe(externalId);
    expect(snowflake.statements.filter((text) => text.startsWith('CREATE OR REPLACE EXTERNAL'))).toHaveLength(
      TABLES.length,
    );
  });

  it('without a warehouse drops it, and keeps the user of dbt', async () => {
    await stack.deploy(kept);
    await stack.deploy(bare);
    expect([...snowflake.names('WAREHOUSE'), ...snowflake.names('USER')]).toEqual(['REVIEWS_DBT']);
  });

  it('with another key lets dbt log in with that one', async () => {
    await stack.deploy(kept);
    await stack.deploy(rewritten(kept, (json) => json.replace(PUBLIC_KEY, 'bmV3')));
    expect(snowflake.get('USER', 'REVIEWS_DBT').options.RSA_PUBLIC_KEY).toBe("'bmV3'");
  });

  it('brings back a warehouse that was set by hand', async () => {
    await stack.deploy(kept);
    snowflake.get('WAREHOUSE', 'REVIEWS_WH').options.WAREHOUSE_SIZE = "'LARGE'";
    await stack.deploy(rewritten(kept, raised));
    expect(snowflake.get('WAREHOUSE', 'REVIEWS_WH').options.WAREHOUSE_SIZE).toBe("'XSMALL'");
  });
});

describe('a deployment with another name of the database', () => {
  const rename = (template: typeof kept) =>
    rewritten(template, (json) =>
      json.replace(/"(Database|Name|Integration)":"REVIEWS(_S3)?"/g, (whole, key, suffix = '') =>
        // The external table REVIEWS keeps its name.
        key === 'Name' && suffix === '' ? whole : `"${key}":"SALES${suffix}"`,
      ),
    );

  it('makes everything again under it, and keeps the old database, which may hold data', async () => {
    await stack.deploy(kept);
    expect(await stack.deploy(rename(kept))).toBeUndefined();
    expect(snowflake.names('DATABASE')).toEqual(['REVIEWS', 'SALES']);
    expect(snowflake.names('INTEGRATION')).toEqual(['SALES_S3']);
    expect(snowflake.names('EXTERNAL TABLE').every((name) => name.startsWith('SALES.RAW.'))).toBe(true);
    expect(stack.requests.slice(-3)).toEqual(['Delete Refresh', 'Delete Database', 'Delete Integration']);
  });

  it('leaves nothing of the old one where data may be destroyed', async () => {
    await stack.deploy(destroyable);
    expect(await stack.deploy(rename(destroyable))).toBeUndefined();
    expect([...snowflake.objects.keys()].filter((key) => key.includes(' REVIEWS'))).toEqual([]);
  });

  it('is undone if the new one cannot be made', async () => {
    await stack.deploy(destroyable);
    const before = snowflake.snapshot();
    snowflake.refuse = (text) =>
      text.startsWith('CREATE STAGE IF NOT EXISTS "SALES"')
        ? snowflakeError('003001', 'Insufficient privileges.')
        : undefined;
    expect(await stack.deploy(rename(destroyable))).toContain('CREATE STAGE SALES.RAW.PUBLISHED');
    expect(snowflake.snapshot()).toEqual(before);
  });
});

describe('an update of the warehouse that fails', () => {
  it('at any statement is rolled back to the catalogue before it', async () => {
    const column = '{"Name":"review_key","Type":"string"},{"Name":"mood","Type":"string"}';
    const wider = rewritten(kept, (json) => json.replaceAll('{"Name":"review_key","Type":"string"}', column));
    await stack.deploy(kept);
    const before = snowflake.snapshot();
    news();
    await stack.deploy(wider);
    const count = changes(news()).length;
    await stack.deploy(kept);
    expect(snowflake.snapshot()).toEqual(before);

    for (let failing = 1; failing <= count; failing += 1) {
      refuseChange(failing);
      expect(await stack.deploy(wider)).toContain('000603');
      snowflake.refuse = () => undefined;
      expect([snowflake.snapshot(), failing]).toEqual([before, failing]);
    }
  });

  it('because Snowflake cannot be reached is rolled back without it, and succeeds when it is back', async () => {
    const column = '{"Name":"review_key","Type":"string"},{"Name":"mood","Type":"string"}';
    const wider = rewritten(kept, (json) =>
      json.replace('"Revision":"1"', '"Revision":"2"').replaceAll('{"Name":"review_key","Type":"string"}', column),
    );
    await stack.deploy(kept);
    const before = new Map(stack.resources);
    loginBy(async () => {
      throw new LoginError('Login to Snowflake account A as B failed: no answer after 45 s.');
    });
    expect(await stack.deploy(wider)).toContain('no answer after 45 s');
    expect(stack.resources).toEqual(before);

    loginBy(snowflake.login);
    expect(await stack.deploy(wider)).toBeUndefined();
    expect(snowflake.get('EXTERNAL TABLE', 'REVIEWS.RAW.REVIEWS').options.definition).toContain('"MOOD"');
  });
});
