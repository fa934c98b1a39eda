import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { flat, objectAccess, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';
import { PUBLIC_KEY, warehouseSettings } from '../support/warehouse';

const { warehouse, storage } = synthesise(
  configuration(
    warehouseSettings({
      database: 'SALES',
      compute: { size: 'SMALL' },
      dbtPublicKey: `-----BEGIN PUBLIC KEY-----\n${PUBLIC_KEY}\n-----END PUBLIC KEY-----\n`,
      secretKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234',
    }),
  ),
);
if (!warehouse) throw new Error('no warehouse stack');
const resources = warehouse.toJSON().Resources as Record<
  string,
  { Type: string; Properties: Record<string, unknown>; DependsOn?: string[] }
>;

describe('the warehouse stack', () => {
  it('is there only where the settings have a warehouse', () => {
    expect(synthesise().stacks.warehouse).toBeUndefined();
  });

  it('names everything in Snowflake after the database', () => {
    warehouse.hasResourceProperties('Custom::SnowflakeStorageIntegration', { Name: 'SALES_S3' });
    warehouse.hasResourceProperties('Custom::SnowflakeDatabase', {
      Database: 'SALES',
      Integration: 'SALES_S3',
      Warehouse: { Size: 'SMALL', AutoSuspendSeconds: '60' },
      DbtUser: { Keys: { PublicKey: PUBLIC_KEY }, StatementTimeoutSeconds: '3600' },
      DropData: 'false',
    });
  });

  it('lets data go only with both keys', () => {
    const both = synthesise(configuration(warehouseSettings(), true)).warehouse;
    both?.hasResourceProperties('Custom::SnowflakeDatabase', { DropData: 'true' });
  });

  it('makes each resource after what it needs: no two wait for each other', () => {
    const integration = Object.values(resources).find(({ Type }) => Type === 'Custom::SnowflakeStorageIntegration');
    expect(flat(integration?.Properties.RoleArn)).toMatch(
      /:iam::<AWS::AccountId>:role\/reviews-test-snowflake-reader-<AWS::Region>$/,
    );
    expect(JSON.stringify(resources.Database?.DependsOn)).toContain('ReaderRoleDefaultPolicy');
    expect(flat(resources.Notification?.Properties.Channel)).toBe('<Database.NotificationChannel>');
    expect(resources.Refresh?.DependsOn).toEqual(['Notification']);
    // The bucket itself knows nothing of it: else storage and warehouse would need each other.
    expect(JSON.stringify(storage.toJSON())).not.toContain('NotificationChannel');
  });

  it('lists no files of a history that is too large for one statement', () => {
    const { warehouse: large } = synthesise(configuration(warehouseSettings({ listFilesOnCreate: false })));
    large?.hasResourceProperties('Custom::SnowflakeDatabase', { ListFiles: 'false' });
    large?.resourceCountIs('Custom::ExternalTableRefresh', 0);
    warehouse.hasResourceProperties('Custom::SnowflakeDatabase', { ListFiles: 'true' });
  });

  it('waits for the function a minute longer than it may run', () => {
    for (const id of ['Integration', 'Database', 'Notification', 'Refresh']) {
      expect(resources[id]?.Properties.ServiceTimeout).toBe('660');
    }
    warehouse.hasResourceProperties('AWS::Lambda::Function', { Timeout: 600 });
    warehouse.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  });
});

describe('the role that Snowflake assumes', () => {
  it('trusts exactly the user of the integration, with its external id', () => {
    warehouse.hasResourceProperties('AWS::IAM::Role', {
      // Roles have no region: one of the same name in another region would be the same role.
      RoleName: { 'Fn::Join': ['', ['reviews-test-snowflake-reader-', { Ref: 'AWS::Region' }]] },
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: 'sts:AssumeRole',
            Effect: 'Allow',
            Principal: { AWS: { 'Fn::GetAtt': ['Integration', 'IamUserArn'] } },
            Condition: { StringEquals: { 'sts:ExternalId': { 'Fn::GetAtt': ['Integration', 'ExternalId'] } } },
          },
        ],
      },
    });
  });

  it('reads the published tables and nothing else', () => {
    expect(objectAccess(warehouse, 'ReaderRole', 'Processed')).toEqual({
      's3:GetObject': ['/tables/*'],
      's3:GetObjectVersion': ['/tables/*'],
    });
    const actions = statementsOf(warehouse, 'ReaderRole').flatMap((statement) => statement.actions);
    expect(actions.sort()).toEqual([
      'kms:Decrypt',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
    ]);
    warehouse.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': ['tables/*'] } } }),
        ]),
      },
    });
  });
});

describe('the function provision-warehouse', () => {
  it('may read its secret, set the notifications of one bucket, and log', () => {
    const statements = statementsOf(warehouse, 'ProvisioningProvisionRole');
    const may = (action: string) => statements.find(({ actions }) => actions.includes(action))?.resources.join();
    expect(may('secretsmanager:GetSecretValue')).toMatch(/:secret:reviews\/test\/snowflake-\?{6}$/);
    const decryptable = statements.filter(({ actions }) => actions.includes('kms:Decrypt'));
    expect(decryptable.map(({ resources }) => resources)).toEqual([
      [expect.stringContaining('OperationsKey')],
      ['arn:aws:kms:eu-west-1:111122223333:key/1234'],
    ]);
    expect(may('s3:PutBucketNotification')).toMatch(/^<.*Processed.*>$/);
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.startsWith('s3:'))).toEqual([
      's3:GetBucketNotification',
      's3:PutBucketNotification',
    ]);
  });

  it("writes the login of dbt's user into its own secret alone, if the deployment makes the key pair", () => {
    const made = synthesise(configuration(warehouseSettings({ dbtKeyGeneration: 4 }))).warehouse;
    if (!made) throw new Error('no warehouse stack');
    made.hasResourceProperties('AWS::SecretsManager::Secret', {
      Name: 'reviews-test/dbt-login',
      KmsKeyId: Match.anyValue(),
    });
    const secret = Object.keys(made.findResources('AWS::SecretsManager::Secret'))[0];
    made.hasResourceProperties('Custom::SnowflakeDatabase', {
      DbtUser: { Keys: { SecretArn: { Ref: secret }, Generation: '4' } },
    });
    const writing = statementsOf(made, 'ProvisioningProvisionRole').filter(({ actions }) =>
      actions.includes('secretsmanager:PutSecretValue'),
    );
    expect(writing.map(({ resources }) => resources)).toEqual([[`<${secret}>`]]);
    warehouse.resourceCountIs('AWS::SecretsManager::Secret', 0);
  });

  it('gets the name of the secret, never what is in it', () => {
    warehouse.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ SNOWFLAKE_SECRET: 'reviews/test/snowflake' }) },
    });
    expect(JSON.stringify(resources)).not.toContain('resolve:secretsmanager');
  });
});
