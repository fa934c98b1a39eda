import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { configuration, synthesise } from '../support/synthesised';

const { storage } = synthesise();
const destroyable = synthesise(configuration({ data: { destroyData: true } }, true)).storage;
const locked = synthesise(configuration({ data: { objectLock: { mode: 'COMPLIANCE', days: 400 } } })).storage;

// biome-ignore lint/suspicious/noExplicitAny: a template's properties have no type, and each test asserts their form
type Resource = { Properties: Record<string, any>; DeletionPolicy: string };

/** The one bucket whose logical id begins so. */
function bucket(template: Template, name: string) {
  const found = Object.entries(template.findResources('AWS::S3::Bucket')).filter(([id]) => id.startsWith(name));
  expect(found).toHaveLength(1);
  return found[0]?.[1] as Resource;
}

describe('every bucket', () => {
  it.each(['Raw', 'Processed', 'AccessLogs'])('%s is closed to the public', (name) => {
    expect(bucket(storage, name).Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
  });

  it('refuses requests without TLS 1.2', () => {
    const policies = Object.values(storage.findResources('AWS::S3::BucketPolicy')) as Resource[];
    expect(policies).toHaveLength(3);
    for (const policy of policies) {
      const denied = policy.Properties.PolicyDocument.Statement.filter(
        ({ Effect }: { Effect: string }) => Effect === 'Deny',
      );
      expect(denied.map(({ Condition }: { Condition: object }) => Condition)).toEqual([
        { Bool: { 'aws:SecureTransport': 'false' } },
        { NumericLessThan: { 's3:TlsVersion': 1.2 } },
      ]);
    }
  });

  it.each(['Raw', 'Processed'])('%s is encrypted with the data key and logs its accesses', (name) => {
    const { BucketEncryption, LoggingConfiguration } = bucket(storage, name).Properties;
    expect(BucketEncryption.ServerSideEncryptionConfiguration).toEqual([
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: {
          SSEAlgorithm: 'aws:kms',
          KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^DataKey/), 'Arn'] },
        },
      },
    ]);
    expect(LoggingConfiguration.LogFilePrefix).toBe(`${name.toLowerCase()}/`);
  });
});

describe('the raw bucket', () => {
  it('keeps every version, and superseded ones for as long as the setting says', () => {
    const { VersioningConfiguration, LifecycleConfiguration } = bucket(storage, 'Raw').Properties;
    expect(VersioningConfiguration).toEqual({ Status: 'Enabled' });
    const ofAll = LifecycleConfiguration.Rules.filter(({ Prefix }: { Prefix?: string }) => Prefix === undefined);
    expect(ofAll).toMatchObject([{ NoncurrentVersionExpiration: { NoncurrentDays: 365 } }]);
    expect(ofAll[0]).not.toHaveProperty('ExpirationInDays');
  });

  it.each([
    ['90 days by default', 90, {}],
    ['as long as the setting says', 14, { data: { deadLetterDays: 14 } }],
  ])('keeps dead letters %s, and expires nothing else', (_how, days, settings) => {
    const { LifecycleConfiguration } = bucket(synthesise(configuration(settings)).storage, 'Raw').Properties;
    const expiring = LifecycleConfiguration.Rules.filter((rule: object) => 'ExpirationInDays' in rule);
    expect(expiring).toMatchObject([
      {
        Prefix: 'dead-letters/',
        Status: 'Enabled',
        ExpirationInDays: days,
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ]);
  });

  it('announces arrivals to EventBridge without a custom resource', () => {
    expect(bucket(storage, 'Raw').Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    storage.resourceCountIs('Custom::S3BucketNotifications', 0);
  });

  it('is write-once only where the setting says so', () => {
    expect(bucket(storage, 'Raw').Properties).not.toHaveProperty('ObjectLockEnabled');
    expect(bucket(locked, 'Raw').Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 400 } } },
    });
  });
});

describe('the processed bucket', () => {
  it('is not versioned: external tables do not support it', () => {
    expect(bucket(storage, 'Processed').Properties).not.toHaveProperty('VersioningConfiguration');
  });

  it('expires the work area and nothing else', () => {
    const { Rules } = bucket(storage, 'Processed').Properties.LifecycleConfiguration;
    const expiring = Rules.filter((rule: object) => 'ExpirationInDays' in rule);
    expect(expiring).toEqual([expect.objectContaining({ Prefix: 'work/', ExpirationInDays: 14 })]);
  });
});

describe('the ledger', () => {
  it('has a row for each object version, found by batch and by status', () => {
    storage.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'object', KeyType: 'HASH' },
        { AttributeName: 'version_id', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-batch',
          KeySchema: [
            { AttributeName: 'batch_id', KeyType: 'HASH' },
            { AttributeName: 'file_id', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
        {
          IndexName: 'by-status',
          KeySchema: [
            { AttributeName: 'status_shard', KeyType: 'HASH' },
            { AttributeName: 'updated_at', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    });
  });

  it('can be restored to any second, is encrypted with the data key and cannot be deleted by mistake', () => {
    storage.hasResourceProperties('AWS::DynamoDB::Table', {
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: {
        SSEEnabled: true,
        SSEType: 'KMS',
        KMSMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] },
      },
      DeletionProtectionEnabled: true,
    });
  });
});

describe('the data key', () => {
  it('is rotated', () => {
    storage.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });
});

describe('data when its stack is deleted', () => {
  const dataTypes = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::KMS::Key'];
  const policies = (template: Template) =>
    dataTypes.flatMap((type) =>
      Object.values(template.findResources(type)).map(({ DeletionPolicy }) => DeletionPolicy),
    );

  it('is kept, except after a failed first creation', () => {
    expect(new Set(policies(storage))).toEqual(new Set(['RetainExceptOnCreate']));
    storage.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });

  it('is destroyed with its files if both keys say so', () => {
    expect(new Set(policies(destroyable))).toEqual(new Set(['Delete']));
    destroyable.resourceCountIs('Custom::S3AutoDeleteObjects', 3);
    destroyable.hasResourceProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
  });
});

describe('the outputs of the storage stack', () => {
  it.each(['RawBucketName', 'ProcessedBucketName', 'LedgerTableName'])('%s is there under a stable name', (name) => {
    storage.hasOutput(name, {});
  });
});
