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
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/warehouse/snowflake/connection';
import type { Driver, Row } from '../../lib/warehouse/snowflake/driver';
import { type Platform, startPlatform } from '../../local/platform/platform';
import { synthesise } from '../../local/platform/synthesise';
import { scratchFolder } from './support/command';

const STACK = 'reviews-local-warehouse';
const PARTITION = 'ingest_date=2026-11-21/batch_id=20261121T090000Z-1a2b3c4d';

/** The template as far as the tests change it. */
interface Template {
  Resources: Record<string, { Properties: Record<string, unknown> }>;
}

const bodyOf = (template: Template) => ({
  TemplateBody: JSON.stringify(template),
  Capabilities: ['CAPABILITY_NAMED_IAM' as const],
});

describe('the warehouse stack, its real function against the local Snowflake', () => {
  const scratch = scratchFolder();
  let platform: Platform;
  let admin: Driver;
  let template: Template;

  beforeAll(async () => {
    const assembly = await synthesise();
    template = JSON.parse(readFileSync(join(assembly, `${STACK}.template.json`), 'utf8'));
    platform = await startPlatform({ state: join(scratch.path, 'state'), assembly });
    const { accessUrl, account } = platform.warehouse;
    const privateKey = readFileSync(account.privateKeyFile, 'utf8');
    admin = await connect({ ...account, privateKey, accessUrl }, 30_000);
  });
  afterAll(async () => {
    await admin?.close();
    await platform?.stop();
    scratch[Symbol.dispose]();
  });

  const query = (text: string): Promise<readonly Row[]> => admin.execute(text, 30_000);

  /** Names of what a SHOW statement lists. */
  const names = async (show: string): Promise<unknown[]> => (await query(`SHOW ${show}`)).map(({ name }) => name);

  /** What DESC INTEGRATION says of a property. */
  async function integration(property: string): Promise<unknown> {
    const rows = await query('DESC INTEGRATION REVIEWS_S3');
    return rows.find((row) => row.property === property)?.property_value;
  }

  /** Updates the stack and returns how that ended, with the first reason of a failure. */
  async function update(edit: (template: Template) => void): Promise<{ status: string; reason: string }> {
    const edited: Template = structuredClone(template);
    edit(edited);
    await platform.aws.cloudFormation.send(new UpdateStackCommand({ StackName: STACK, ...bodyOf(edited) }));
    const status = await settled();
    if (status === 'UPDATE_COMPLETE') template = edited;
    const { StackEvents = [] } = await platform.aws.cloudFormation.send(
      new DescribeStackEventsCommand({ StackName: STACK }),
    );
    const failed = StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED');
    return { status, reason: failed?.ResourceStatusReason ?? '' };
  }

  async function settled(): Promise<string> {
    for (;;) {
      const stack = await platform.aws.cloudFormation.send(new DescribeStacksCommand({ StackName: STACK })).then(
        ({ Stacks }) => Stacks?.[0],
        () => undefined,
      );
      if (!stack?.StackStatus) return 'DELETE_COMPLETE';
      if (!stack.StackStatus.endsWith('IN_PROGRESS')) return stack.StackStatus;
      await sleep(200);
    }
  }

  const properties = (edited: Template, id: string) => edited.Resources[id]?.Properties as Record<string, unknown>;
  const raiseRevision = (edited: Template): void => {
    for (const id of ['Integration', 'Database', 'Notification', 'Refresh']) {
      properties(edited, id).Revision = String(Number(properties(edited, id).Revision) + 1);
    }
  };

  it('makes the external tables, and files show in them by notification', async () => {
    expect((await names('EXTERNAL TABLES IN SCHEMA REVIEWS.RAW')).length).toBe(8);
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

  it('is mended by a raised revision when the integration was dropped by hand', async () => {
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
    await platform.aws.cloudFormation.send(new DeleteStackCommand({ StackName: STACK }));
    expect(await settled()).toBe('DELETE_COMPLETE');
    expect(await names("INTEGRATIONS LIKE 'REVIEWS_S3'")).toEqual([]);
    expect(await names('EXTERNAL TABLES IN ACCOUNT')).toEqual([]);
    expect(await names("DATABASES LIKE 'REVIEWS'")).toEqual(['REVIEWS']);
    expect(await names("ROLES LIKE 'REVIEWS_REPORTER'")).toEqual(['REVIEWS_REPORTER']);

    await platform.aws.cloudFormation.send(new CreateStackCommand({ StackName: STACK, ...bodyOf(template) }));
    expect(await settled()).toBe('CREATE_COMPLETE');
    expect(await query('SELECT COUNT(*) AS N FROM REVIEWS.RAW.REVIEW_TAGS')).toEqual([{ N: 2 }]);
  });
});
