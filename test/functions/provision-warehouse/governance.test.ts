import { beforeEach, describe, expect, it } from 'vitest';
import { PII_CLASSES, tables } from '../../../lib/contracts/tables';
import { changes, destroyable, news, ROLES, snowflake, stack, startAnew } from '../../support/provisioning';
import { PUBLIC_KEY, warehouseResources, warehouseSettings } from '../../support/warehouse';

const settings = warehouseSettings({ compute: {}, dbtPublicKey: PUBLIC_KEY, governance: true });
const governed = warehouseResources(settings, true);
const TAG = 'REVIEWS.GOVERNANCE.MASKED_PERSONAL_DATA';

beforeEach(startAnew);

/** Tags of the columns of an external table. */
function tagsOf(table: string): Record<string, string> {
  const entries = Object.entries(snowflake.get('EXTERNAL TABLE', `REVIEWS.RAW.${table.toUpperCase()}`).options);
  return Object.fromEntries(
    entries.filter(([key]) => key.startsWith('tag of ')).map(([key, value]) => [key.slice('tag of '.length), value]),
  );
}

describe('the warehouse with governance', () => {
  it.each(Object.values(tables))('tags every column of $table that its contract calls personal', async (contract) => {
    await stack.deploy(governed);
    const personal = contract.columns.filter(({ pii }) => pii !== 'none');
    expect(tagsOf(contract.table)).toEqual(
      Object.fromEntries(personal.map(({ name, pii }) => [name.toUpperCase(), pii])),
    );
  });

  it('masks what dbt has not classified in STAGING and DETAIL', async () => {
    await stack.deploy(governed);
    for (const schema of ['STAGING', 'DETAIL']) {
      expect(snowflake.get('SCHEMA', `REVIEWS.${schema}`).options[TAG]).toBe('unclassified');
    }
    const { policies } = snowflake.get('TAG', TAG).options;
    expect(policies).toBe(
      'MASKING POLICY "REVIEWS"."GOVERNANCE"."MASK_TEXT", MASKING POLICY "REVIEWS"."GOVERNANCE"."MASK_LIST"',
    );
    expect(snowflake.get('TAG', 'REVIEWS.GOVERNANCE.PERSONAL_DATA').options).not.toHaveProperty('policies');
  });

  it('allows the classes of the contracts as values of its tags', async () => {
    await stack.deploy(governed);
    const values = [...PII_CLASSES, 'unclassified'].map((each) => `'${each}'`).join(', ');
    expect(snowflake.get('TAG', TAG).comment).toContain(`ALLOWED_VALUES ${values} COMMENT`);
  });

  it('lets the role for texts read DETAIL and nothing else', async () => {
    await stack.deploy(governed);
    expect([...snowflake.grants].filter((granted) => granted.endsWith('to REVIEWS_DETAIL_READER')).sort()).toEqual([
      'SELECT on ALL VIEWS in REVIEWS.DETAIL to REVIEWS_DETAIL_READER',
      'SELECT on FUTURE VIEWS in REVIEWS.DETAIL to REVIEWS_DETAIL_READER',
      'USAGE on DATABASE REVIEWS to REVIEWS_DETAIL_READER',
      'USAGE on SCHEMA REVIEWS.DETAIL to REVIEWS_DETAIL_READER',
      'USAGE on WAREHOUSE REVIEWS_WH to REVIEWS_DETAIL_READER',
    ]);
    expect(
      [...snowflake.grants].filter((granted) => granted.includes('DETAIL') && granted.includes('REPORTER')),
    ).toEqual([]);
  });

  it('protects before it lets anybody read', async () => {
    await stack.deploy(governed);
    const order = [
      'CREATE TAG',
      'CREATE MASKING POLICY',
      'ALTER TAG',
      'ALTER SCHEMA "REVIEWS"."DETAIL"',
      'GRANT SELECT ON ALL VIEWS IN SCHEMA "REVIEWS"."DETAIL"',
    ].map((start) => snowflake.statements.findIndex((text) => text.startsWith(start)));
    expect(order).not.toContain(-1);
    expect(order).toEqual([...order].sort((one, other) => one - other));
  });

  it('is the same after a second deployment, and never without its policies meanwhile', async () => {
    await stack.deploy(governed);
    const before = snowflake.snapshot();
    news();
    await stack.deploy(warehouseResources(warehouseSettings({ ...settings.warehouse, revision: 2 }), true));
    expect(snowflake.snapshot()).toEqual(before);
    expect(changes(news()).filter((text) => /^DROP|UNSET (TAG|MASKING)|OR REPLACE/.test(text))).toEqual([]);
  });

  it('says what to do where the account is of the Standard edition', async () => {
    snowflake.edition = 'STANDARD';
    expect(await stack.deploy(governed)).toMatch(
      /Snowflake refused CREATE TAG REVIEWS.GOVERNANCE.PERSONAL_DATA: 000002 Unsupported feature 'TAG'. .*Enterprise edition.*set warehouse.governance to false/,
    );
    startAnew();
    snowflake.edition = 'STANDARD';
    await stack.deploy(destroyable);
    expect(snowflake.names('ROLE')).toEqual(ROLES);
  });

  it('goes with everything else when data may be destroyed', async () => {
    await stack.deploy(governed);
    await stack.destroy();
    expect(snowflake.names('ROLE')).toEqual([]);
  });

  it('is not there unless it is asked for', async () => {
    await stack.deploy(destroyable);
    expect(snowflake.names('TAG')).toEqual([]);
    expect(snowflake.names('SCHEMA')).not.toContain('REVIEWS.DETAIL');
  });
});
