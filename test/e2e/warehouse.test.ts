import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand, DeleteSecretCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../lib/config/settings';
import { connect } from '../../lib/functions/snowflake/connection';
import type { Driver, Row } from '../../lib/functions/snowflake/driver';
import { type Platform, startPlatform } from '../../local/platform/platform';
import { synthesise } from '../../local/platform/synthesise';
import { scratchFolder } from './support/command';

const STACK = 'reviews-local-warehouse';
const SECRET = loadSettings('local').warehouse?.secretName as string;
const TIMEOUT_MS = 30_000;
const PARTITION = 'ingest_date=2026-11-21/batch_id=20261121T090000Z-1a2b3c4d';

/** The template as far as the tests change it. */
interface Template {
  Resources: Record<string, { Properties: Record<string, unknown> }>;
}

const bodyOf = (template: Template) => ({
  TemplateBody: JSON.stringify(template),
  Capabilities: ['CAPABILITY_NAMED_IAM' as const],
});

/** Status of a stack once nothing is going on any more. */
async function settled({ aws }: Platform, name = STACK): Promise<string> {
  for (;;) {
    const stack = await aws.cloudFormation.send(new DescribeStacksCommand({ StackName: name })).then(
      ({ Stacks }) => Stacks?.[0],
      () => undefined,
    );
    if (!stack?.StackStatus) return 'DELETE_COMPLETE';
    if (!stack.StackStatus.endsWith('IN_PROGRESS')) return stack.StackStatus;
    await sleep(200);
  }
}

async function removeStack(platform: Platform, name: string): Promise<void> {
  await platform.aws.cloudFormation.send(new DeleteStackCommand({ StackName: name }));
  expect([name, await settled(platform, name)]).toEqual([name, 'DELETE_COMPLETE']);
}

/** A session in the platform's Snowflake, with the rights of who deploys. */
function login({ warehouse: { accessUrl, account } }: Platform): Promise<Driver> {
  return connect({ ...account, privateKey: readFileSync(account.privateKeyFile, 'utf8'), accessUrl }, TIMEOUT_MS);
}

describe('the warehouse stack, its real function against the local Snowflake', () => {
  const scratch = scratchFolder();
  let platform: Platform;
  let admin: Driver;
  let template: Template;

  beforeAll(async () => {
    const assembly = await synthesise();
    template = JSON.parse(readFileSync(join(assembly, `${STACK}.template.json`), 'utf8'));
    platform = await startPlatform({ state: join(scratch.path, 'state'), assembly });
    admin = await login(platform);
  });
  afterAll(async () => {
    await admin?.close();
    await platform?.stop();
    scratch[Symbol.dispose]();
  });

  const query = (text: string): Promise<readonly Row[]> => admin.execute(text, TIMEOUT_MS);

  /** Names of what a SHOW statement lists. */
  const names = async (show: string): Promise<unknown[]> => (await query(`SHOW ${show}`)).map(({ name }) => name);

  /** What DESC INTEGRATION says of a property. */
  async function integration(property: string): Promise<unknown> {
    const rows = await query('DESC INTEGRATION REVIEWS_S3');
    return rows.find((row) => row.property === property)?.property_value;
  }

  /** How the last change of the stack ended, with the first reason of a failure. */
  async function ending(): Promise<{ status: string; reason: string }> {
    const status = await settled(platform);
    const { StackEvents = [] } = await platform.aws.cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: STACK }),
    );
    const failed = StackEvents.find(({ ResourceStatus }) => /^(CREATE|UPDATE)_FAILED$/.test(ResourceStatus ?? ''));
    return { status, reason: failed?.ResourceStatusReason ?? '' };
  }

  async function update(edit: (template: Template) => void): Promise<{ status: string; reason: string }> {
    const edited: Template = structuredClone(template);
    edit(edited);
    await platform.aws.cloudFormation.send(new UpdateStackCommand({ StackName: STACK, ...bodyOf(edited) }));
    const ended = await ending();
    if (ended.status === 'UPDATE_COMPLETE') template = edited;
    return ended;
  }

  async function create(): Promise<{ status: string; reason: string }> {
    await platform.aws.cloudFormation.send(new CreateStackCommand({ StackName: STACK, ...bodyOf(template) }));
    return ending();
  }

  const remove = (): Promise<void> => removeStack(platform, STACK);

  /** Replaces the secret with Snowflake's login, or removes it. */
  async function putSecret(text: string | undefined): Promise<void> {
    const { secretsManager } = platform.aws;
    await secretsManager
      .send(new DeleteSecretCommand({ SecretId: SECRET, ForceDeleteWithoutRecovery: true }))
      .catch((error: Error) => expect(error.name).toBe('ResourceNotFoundException'));
    if (text) await secretsManager.send(new CreateSecretCommand({ Name: SECRET, SecretString: text }));
  }

  const properties = (edited: Template, id: string) => edited.Resources[id]?.Properties as Record<string, unknown>;
  const raiseRevision = (edited: Template): void => {
    for (const id of ['Integration', 'Database', 'Notification', 'Refresh']) {
      properties(edited, id).Revision = String(Number(properties(edited, id).Revision) + 1);
    }
  };

  it('makes the external tables, and files show in them by notification', async () => {
    expect((await names('EXTERNAL TABLES IN SCHEMA REVIEWS.RAW')).length).toBe(12);
    await platform.aws.s3.send(
      new PutObjectCommand({
        Bucket: platform.outputs.ProcessedBucketName,
        Key: `tables/review_tags/${PARTITION}/part-00000.parquet`,
        Body: new Uint8Array(
          parquetWriteBuffer({ columnData: [{ name: 'tag', data: ['kind', "it's"], type: 'STRING' }] }),
        ),
      }),
    );
    await expect
      .poll(
        () => query('SELECT TAG, INGEST_DATE::VARCHAR AS DAY, BATCH_ID FROM REVIEWS.RAW.REVIEW_TAGS ORDER BY TAG'),
        {
          timeout: 20_000,
        },
      )
      .toEqual([
        { TAG: "it's", DAY: '2026-11-21', BATCH_ID: '20261121T090000Z-1a2b3c4d' },
        { TAG: 'kind', DAY: '2026-11-21', BATCH_ID: '20261121T090000Z-1a2b3c4d' },
      ]);
  });

  it('keeps the external id, and what the tables know, when a column is added', async () => {
    const externalId = await integration('STORAGE_AWS_EXTERNAL_ID');
    const ended = await update((edited) => {
      const tables = properties(edited, 'Database').Tables as { Name: string; Columns: object[] }[];
      tables.find(({ Name }) => Name === 'REVIEW_TAGS')?.Columns.push({ Name: 'weight', Type: 'decimal(4,2)' });
    });
    expect(ended).toEqual({ status: 'UPDATE_COMPLETE', reason: '' });
    expect(await query('SELECT COUNT(*) AS N, COUNT(WEIGHT) AS WEIGHED FROM REVIEWS.RAW.REVIEW_TAGS')).toEqual([
      { N: 2, WEIGHED: 0 },
    ]);
    expect(await integration('STORAGE_AWS_EXTERNAL_ID')).toBe(externalId);
  });

  it('is repaired by a raised revision when the integration was dropped by hand', async () => {
    const externalId = await integration('STORAGE_AWS_EXTERNAL_ID');
    await query('DROP INTEGRATION REVIEWS_S3');
    expect(await update(raiseRevision)).toMatchObject({ status: 'UPDATE_COMPLETE' });
    expect(await integration('STORAGE_AWS_EXTERNAL_ID')).not.toBe(externalId);
    expect(await query('SELECT COUNT(*) AS N FROM REVIEWS.RAW.REVIEW_TAGS')).toEqual([{ N: 2 }]);
  });

  it('rolls back to what there was when another name is taken', async () => {
    await query("CREATE DATABASE TAKEN COMMENT = 'Not of this project.'");
    const { status, reason } = await update((edited) => {
      properties(edited, 'Database').Database = 'TAKEN';
    });
    expect(status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reason).toContain('DATABASE TAKEN exists, but its comment does not begin "Managed by review-pipeline');
    expect(await names('DATABASES')).toEqual(expect.arrayContaining(['REVIEWS', 'TAKEN']));
    expect(await query('SELECT COUNT(*) AS N FROM REVIEWS.RAW.REVIEW_TAGS')).toEqual([{ N: 2 }]);
  });

  it('is deleted with all that holds no data, and made again over what was kept', async () => {
    await remove();
    expect(await names("INTEGRATIONS LIKE 'REVIEWS_S3'")).toEqual([]);
    expect(await names('EXTERNAL TABLES IN ACCOUNT')).toEqual([]);
    expect(await names("DATABASES LIKE 'REVIEWS'")).toEqual(['REVIEWS']);
    expect(await names("ROLES LIKE 'REVIEWS_REPORTER'")).toEqual(['REVIEWS_REPORTER']);

    expect(await create()).toEqual({ status: 'CREATE_COMPLETE', reason: '' });
    expect(await query('SELECT COUNT(*) AS N FROM REVIEWS.RAW.REVIEW_TAGS')).toEqual([{ N: 2 }]);
  });

  const somebodyElses = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;

  it.each([
    {
      what: 'Snowflake cannot be reached',
      secret: { accessUrl: 'http://127.0.0.1:1' },
      says: /Login to Snowflake account LOCAL as PROVISIONER failed: .+/,
    },
    {
      what: "the key is somebody else's",
      secret: { privateKey: somebodyElses },
      says: /failed: 390144 JWT token is invalid.*Set the user's RSA_PUBLIC_KEY/,
    },
    { what: 'the key is missing', secret: { privateKey: undefined }, says: /is not as expected: privateKey: / },
    { what: 'the secret is missing', secret: undefined, says: /cannot be read: ResourceNotFoundException/ },
  ])('is not made when $what, says so, and is made by the next deployment', async ({ secret, says }) => {
    await remove();
    const { SecretString = '' } = await platform.aws.secretsManager.send(
      new GetSecretValueCommand({ SecretId: SECRET }),
    );
    await putSecret(secret && JSON.stringify({ ...JSON.parse(SecretString), ...secret }));
    const began = Date.now();
    const { status, reason } = await create();
    expect(status).toBe('ROLLBACK_COMPLETE');
    expect(reason).toMatch(says);
    expect(Date.now() - began).toBeLessThan(60_000);
    expect(await names("INTEGRATIONS LIKE 'REVIEWS_S3'")).toEqual([]);
    expect(await names('EXTERNAL TABLES IN ACCOUNT')).toEqual([]);

    await putSecret(SecretString);
    await remove();
    expect(await create()).toEqual({ status: 'CREATE_COMPLETE', reason: '' });
    expect((await names('EXTERNAL TABLES IN SCHEMA REVIEWS.RAW')).length).toBe(12);
  });
});

describe('all stacks', () => {
  it.each([
    { order: ['warehouse', 'monitoring', 'intake', 'processing', 'storage'] },
    { order: ['monitoring', 'intake', 'warehouse', 'processing', 'storage'] },
  ])('are deleted in the order $order, and what holds data stays', async ({ order }) => {
    const scratch = scratchFolder();
    const platform = await startPlatform({ state: join(scratch.path, 'state') });
    const admin = await login(platform);
    try {
      for (const name of order) await removeStack(platform, `reviews-local-${name}`);

      const { RawBucketName, ProcessedBucketName, LedgerTableName } = platform.outputs;
      const { s3, dynamoDb } = platform.aws;
      for (const Bucket of [RawBucketName, ProcessedBucketName]) await s3.send(new HeadBucketCommand({ Bucket }));
      await dynamoDb.send(new ScanCommand({ TableName: LedgerTableName, Limit: 1 }));
      const left = (show: string) => admin.execute(`SHOW ${show}`, TIMEOUT_MS);
      expect(await left("DATABASES LIKE 'REVIEWS'")).toHaveLength(1);
      expect(await left("INTEGRATIONS LIKE 'REVIEWS_S3'")).toEqual([]);
      expect(await left('EXTERNAL TABLES IN ACCOUNT')).toEqual([]);
    } finally {
      await admin.close();
      await platform.stop();
      scratch[Symbol.dispose]();
    }
  });
});
