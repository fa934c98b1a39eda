import type { Connect } from '../../lib/functions/snowflake/driver';
import { FakeBucket } from './fake-bucket';
import { FakeCloudFormation } from './fake-cloudformation';
import { FakeSecrets } from './fake-secrets';
import { FakeSnowflake, snowflakeError } from './fake-snowflake';
import { PUBLIC_KEY, warehouseResources, warehouseSettings } from './warehouse';

const full = warehouseSettings({ compute: {}, dbtPublicKey: PUBLIC_KEY });

/** The stack with all that is optional; its data is kept. */
export const kept = warehouseResources(full);
/** The same, with both keys to destroying data. */
export const destroyable = warehouseResources(full, true);
/** The stack with nothing that is optional. */
export const bare = warehouseResources();

/** External tables, in alphabetical order. */
export const TABLES = [
  'COMPACTIONS',
  'CUSTOMERS',
  'DELETED_REVIEWS',
  'FILE_EVENTS',
  'PRODUCTS',
  'REJECTED_RECORDS',
  'REVIEWERS',
  'REVIEWS',
  'REVIEW_MEDIA',
  'REVIEW_RESPONSES',
  'REVIEW_TAGS',
  'SUPPORT_CASES',
];
export const ROLES = ['REVIEWS_LOADER', 'REVIEWS_TRANSFORMER', 'REVIEWS_REPORTER'];

export let snowflake: FakeSnowflake;
export let bucket: FakeBucket;
export let secrets: FakeSecrets;
export let stack: FakeCloudFormation;
let login: Connect;

/** An empty Snowflake, a bucket without notifications, no stack. */
export function startAnew(): void {
  snowflake = new FakeSnowflake();
  bucket = new FakeBucket();
  secrets = new FakeSecrets();
  login = snowflake.login;
  stack = new FakeCloudFormation((timeout) => login(timeout));
}

/** Has every further login go this way. */
export function loginBy(way: Connect): void {
  login = way;
}

/** Statements since the last call. */
export function news(): string[] {
  return snowflake.statements.splice(0);
}

/** Statements that change something. */
export function changes(statements: readonly string[]): string[] {
  return statements.filter((text) => !/^(SELECT|SHOW|DESC|USE)/.test(text));
}

/** Refuses the change of that number, counted from now. */
export function refuseChange(number: number): void {
  let seen = 0;
  snowflake.refuse = (text) => {
    if (changes([text]).length === 0) return undefined;
    seen += 1;
    return seen === number ? snowflakeError('000603', 'Internal error.') : undefined;
  };
}
