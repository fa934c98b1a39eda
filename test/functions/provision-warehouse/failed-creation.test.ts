import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoginError } from '../../../lib/functions/snowflake/provisioning-errors';
import { s3Error } from '../../support/fake-s3';
import {
  bucket,
  changes,
  destroyable,
  kept,
  loginBy,
  refuseChange,
  snowflake,
  stack,
  startAnew,
} from '../../support/provisioning';
import { BUCKET, rewritten } from '../../support/warehouse';

beforeEach(startAnew);
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a first deployment of the warehouse that fails', () => {
  it('at any statement is rolled back, and succeeds when it is repeated', async () => {
    await stack.deploy(destroyable);
    const whole = snowflake.snapshot();
    const count = changes(snowflake.statements).length;
    expect(count).toBeGreaterThan(50);

    for (let failing = 1; failing <= count; failing += 1) {
      startAnew();
      refuseChange(failing);
      expect(await stack.deploy(destroyable)).toMatch(
        /^Snowflake refused [A-Z ]+ REVIEWS\S*: 000603 Internal error\.$/,
      );
      expect([[...snowflake.objects.keys()], failing]).toEqual([[], failing]);
      expect(stack.resources.size).toBe(0);

      snowflake.refuse = () => undefined;
      expect(await stack.deploy(destroyable)).toBeUndefined();
      expect(snowflake.snapshot()).toEqual(whole);
    }
  });

  it('because Snowflake cannot be reached is rolled back without it', async () => {
    loginBy(async () => {
      throw new LoginError('Login to Snowflake account A as B failed: 401001 Network error.');
    });
    expect(await stack.deploy(kept)).toBe('Login to Snowflake account A as B failed: 401001 Network error.');
    expect(stack.resources.size).toBe(0);
    expect(stack.requests).toEqual(['Create Integration', 'Delete Integration']);
  });

  it('because the function died is cleaned up under the identity that CloudFormation made up', async () => {
    await stack.deploy(destroyable);
    for (const [id, { type, properties }] of [...stack.resources].reverse()) {
      const physicalId = `reviews-test-warehouse-${id}-1A2B3C4D5E6F`;
      expect(await stack.send('Delete', id, type, properties, { physicalId, properties })).toMatchObject({
        Status: 'SUCCESS',
        PhysicalResourceId: physicalId,
      });
    }
    expect([...snowflake.objects.keys()]).toEqual([]);
  });

  it.each([
    ['INTEGRATION', 'REVIEWS_S3', 'STORAGE INTEGRATION'],
    ['ROLE', 'REVIEWS_REPORTER', 'ROLE'],
    ['DATABASE', 'REVIEWS', 'DATABASE'],
    ['WAREHOUSE', 'REVIEWS_WH', 'WAREHOUSE'],
    ['USER', 'REVIEWS_DBT', 'USER'],
  ])('because %s %s belongs to someone else says so and leaves it as it is', async (kind, name) => {
    const theirs = { ...snowflake.put(kind, name, { comment: "Someone else's." }) };
    const reason = await stack.deploy(destroyable);
    expect(reason).toMatch(
      new RegExp(`^${kind} ${name} exists, but its comment does not begin "Managed by .* for reviews-test`),
    );
    expect([...snowflake.objects]).toEqual([[`${kind} ${name}`, theirs]]);
  });

  it('because a table of that name is there does not replace it', async () => {
    await stack.deploy(
      rewritten(kept, (json) =>
        json.replace(/\{"Name":"REVIEW_TAGS","Folder".*?\]\},?/, '').replace('"REVIEW_TAGS",', ''),
      ),
    );
    snowflake.put('TABLE', 'REVIEWS.RAW.REVIEW_TAGS');
    expect(await stack.deploy(kept)).toContain('CREATE EXTERNAL TABLE REVIEWS.RAW.REVIEW_TAGS: 002002');
    expect(snowflake.names('TABLE')).toEqual(['REVIEWS.RAW.REVIEW_TAGS']);
  });
});

describe('a bucket that refuses the notification', () => {
  it('fails the deployment with its words, and what was made is dropped', async () => {
    bucket.nextWriteError = s3Error('InvalidArgument', 400);
    const reason = await stack.deploy(destroyable);
    expect(reason).toBe(
      `S3 refused to notify arn:aws:sqs:eu-west-1:999999999999:sf-snowpipe-ABC of files under ${BUCKET}/tables/: InvalidArgument: InvalidArgument`,
    );
    expect([...snowflake.objects.keys()]).toEqual([]);
  });
});
