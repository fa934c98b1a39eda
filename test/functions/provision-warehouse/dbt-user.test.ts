import { createPublicKey } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { secrets, snowflake, stack, startAnew } from '../../support/provisioning';
import { PUBLIC_KEY, rewritten, warehouseResources, warehouseSettings } from '../../support/warehouse';

/** The deployment makes the key pair. */
const kept = warehouseResources(warehouseSettings({ compute: {} }));

beforeEach(startAnew);
afterEach(() => {
  vi.unstubAllGlobals();
});

const options = () => snowflake.get('USER', 'REVIEWS_DBT').options;
const generation = (number: number) =>
  rewritten(kept, (json) => json.replace('"Generation":"1"', `"Generation":"${number}"`));

/** The login that the secret holds. */
function login(): { user: string; account: string; privateKey: string } {
  const [value = '{}', ...others] = secrets.values.values();
  expect(others).toEqual([]);
  return JSON.parse(value);
}

/** Public half of the key in the secret, as Snowflake has it. */
function publicKey(): string {
  const der = createPublicKey(login().privateKey).export({ type: 'spki', format: 'der' });
  return `'${der.toString('base64')}'`;
}

describe('the user of dbt', () => {
  it('works in UTC, with a limit for its statements, a mark in the query history and its role', async () => {
    await stack.deploy(kept);
    expect(options()).toMatchObject({
      TYPE: 'SERVICE',
      TIMEZONE: "'UTC'",
      STATEMENT_TIMEOUT_IN_SECONDS: '3600',
      QUERY_TAG: "'review-pipeline dbt'",
      DEFAULT_ROLE: '"REVIEWS_TRANSFORMER"',
      DEFAULT_WAREHOUSE: '"REVIEWS_WH"',
    });
    expect(options()).not.toHaveProperty('NETWORK_POLICY');
  });

  it('logs in only from the addresses of a network policy, where one is named', async () => {
    await stack.deploy(warehouseResources(warehouseSettings({ dbtNetworkPolicy: 'ONLY_AIRFLOW' })));
    expect(options()).toMatchObject({ NETWORK_POLICY: '"ONLY_AIRFLOW"' });
  });
});

describe('a key pair that the deployment makes', () => {
  it('is in the secret with all that dbt needs to log in, and its public half at Snowflake', async () => {
    await stack.deploy(kept);
    expect(login()).toMatchObject({ user: 'REVIEWS_DBT', account: 'ORG-ACCOUNT' });
    expect(options().RSA_PUBLIC_KEY).toBe(publicKey());
    expect(options()).not.toHaveProperty('RSA_PUBLIC_KEY_2');
  });

  it('stays when the deployment is repeated, and is set again where someone has removed it', async () => {
    await stack.deploy(kept);
    const before = login();
    delete options().RSA_PUBLIC_KEY;
    await stack.deploy(rewritten(kept, (json) => json.replace('"Revision":"1"', '"Revision":"2"')));
    expect(login()).toEqual(before);
    expect(options().RSA_PUBLIC_KEY).toBe(publicKey());
  });

  it('is rotated into the other slot each time, so that the key before it still opens', async () => {
    await stack.deploy(kept);
    const [slot, other] = ['RSA_PUBLIC_KEY', 'RSA_PUBLIC_KEY_2'];
    for (const [number, filled, left] of [
      [2, other, slot],
      [3, slot, other],
    ] as const) {
      const before = publicKey();
      expect(await stack.deploy(generation(number))).toBeUndefined();
      expect(publicKey()).not.toBe(before);
      expect(options()).toMatchObject({ [filled as string]: publicKey(), [left as string]: before });
    }
  });

  it('that cannot be kept leaves the secret with a key that opens, and the next try fills the same slot', async () => {
    await stack.deploy(kept);
    const before = publicKey();
    secrets.refuse = () => Object.assign(new Error('value: hush'), { name: 'AccessDeniedException' });
    expect(await stack.deploy(generation(2))).toBe(
      "The secret of dbt's login cannot be written: AccessDeniedException. Check that the function may use it and its key, and repeat the deployment.",
    );
    expect([publicKey(), options().RSA_PUBLIC_KEY]).toEqual([before, before]);
    secrets.refuse = () => undefined;
    await stack.deploy(generation(2));
    expect(options()).toMatchObject({ RSA_PUBLIC_KEY: before, RSA_PUBLIC_KEY_2: publicKey() });
  });

  it('is not replaced by an older setting: a rollback keeps the newer key', async () => {
    await stack.deploy(generation(2));
    const before = login();
    await stack.deploy(kept);
    expect(login()).toEqual(before);
  });

  it('is named in no statement that is logged, no answer and no property', async () => {
    await stack.deploy(kept);
    const [, line = ''] = login().privateKey.split('\n');
    expect(line).toHaveLength(64);
    expect(JSON.stringify([snowflake.statements, [...stack.resources.values()]])).not.toContain(line);
  });
});

describe('keys that others keep', () => {
  const given = (more: object) => warehouseResources(warehouseSettings({ dbtPublicKey: PUBLIC_KEY, ...more }));
  const second = PUBLIC_KEY.replace('u1SU1L', 'u1SU2L');

  it('are both set, and the second is taken away with its setting', async () => {
    await stack.deploy(given({ dbtPublicKey2: second }));
    expect(options()).toMatchObject({ RSA_PUBLIC_KEY: `'${PUBLIC_KEY}'`, RSA_PUBLIC_KEY_2: `'${second}'` });
    await stack.deploy(given({}));
    expect(options().RSA_PUBLIC_KEY).toBe(`'${PUBLIC_KEY}'`);
    expect(options()).not.toHaveProperty('RSA_PUBLIC_KEY_2');
    expect(secrets.values.size).toBe(0);
  });
});
