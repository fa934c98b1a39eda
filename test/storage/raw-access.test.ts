import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { flat, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const ROLE = 'arn:aws:iam::222233334444:role/exports/reviews';
const replica = {
  bucketArn: 'arn:aws:s3:::reviews-copies',
  keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-000000000000',
};
const plain = synthesise().storage;
const open = synthesise(
  configuration({
    data: {
      producers: [
        { principal: ROLE, folder: 'yelp' },
        { principal: '555566667777', folder: 'acme' },
      ],
      replica,
      dataEvents: true,
    },
  }),
).storage;

interface PolicyStatement {
  readonly Effect: string;
  readonly Principal?: { readonly AWS?: unknown };
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}

/** What a principal of another account is allowed by resource policies of the template. */
function allowedTo(template: typeof plain, principal: string): PolicyStatement[] {
  const documents = [
    ...Object.values(template.findResources('AWS::S3::BucketPolicy')).map(
      ({ Properties }) => Properties.PolicyDocument,
    ),
    ...Object.values(template.findResources('AWS::KMS::Key')).map(({ Properties }) => Properties.KeyPolicy),
  ] as { Statement: PolicyStatement[] }[];
  return documents
    .flatMap(({ Statement }) => Statement)
    .filter(({ Effect, Principal }) => Effect === 'Allow' && flat(Principal?.AWS ?? '').includes(principal));
}

describe('a producer of another account', () => {
  it.each([
    ['a role', ROLE, 'yelp'],
    ['an account', '555566667777', 'acme'],
  ])(
    'that is %s may put files below its folder and use the key by way of S3, and no more',
    (_what, principal, folder) => {
      const [put, key, ...more] = allowedTo(open, principal);
      expect(more).toEqual([]);
      expect(put?.Action).toEqual(['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject']);
      expect(flat(put?.Resource)).toMatch(new RegExp(`^<RawBucket\\w+.Arn>/reviews/${folder}/\\*$`));
      expect(key?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
      expect(JSON.stringify(key?.Condition)).toMatch(/kms:ViaService.*s3\./);
    },
  );

  it('has no access unless the setting names it', () => {
    expect(allowedTo(plain, ROLE)).toEqual([]);
  });
});

describe('the copy in another region', () => {
  it('takes every received file, encrypted there, and no deletion', () => {
    open.hasResourceProperties('AWS::S3::Bucket', {
      ReplicationConfiguration: {
        Rules: [
          {
            Status: 'Enabled',
            Filter: { Prefix: 'reviews/' },
            DeleteMarkerReplication: { Status: 'Disabled' },
            SourceSelectionCriteria: { SseKmsEncryptedObjects: { Status: 'Enabled' } },
            Destination: { Bucket: replica.bucketArn, EncryptionConfiguration: { ReplicaKmsKeyID: replica.keyArn } },
          },
        ],
      },
    });
    const allowed = statementsOf(open, 'Replica').flatMap(({ actions }) => actions);
    expect(allowed).toContain('s3:ReplicateObject');
    expect(allowed).not.toContain('s3:ReplicateDelete');
  });

  it('carries the lock of a write-once file, which its role must be able to read', () => {
    const lock = ['s3:GetObjectLegalHold', 's3:GetObjectRetention'];
    const locked = synthesise(configuration({ data: { replica, objectLock: { mode: 'GOVERNANCE', days: 30 } } }));
    const allowed = (template: typeof plain) => statementsOf(template, 'Replica').flatMap(({ actions }) => actions);
    expect(allowed(locked.storage)).toEqual(expect.arrayContaining(lock));
    expect(allowed(open).filter((action) => lock.includes(action))).toEqual([]);
  });

  it('is not made unless the setting names its bucket', () => {
    plain.hasResourceProperties('AWS::S3::Bucket', { ReplicationConfiguration: Match.absent() });
    expect(statementsOf(plain, 'Replica')).toEqual([]);
  });
});

describe('the trail of data events', () => {
  it('records received files and published tables, encrypted and with digests', () => {
    open.hasResourceProperties('AWS::CloudTrail::Trail', {
      EnableLogFileValidation: true,
      IsLogging: true,
      KMSKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DataKey'), 'Arn'] },
      EventSelectors: [
        {
          IncludeManagementEvents: false,
          ReadWriteType: 'All',
          DataResources: [{ Type: 'AWS::S3::Object', Values: Match.anyValue() }],
        },
      ],
    });
    const [trail] = Object.values(open.findResources('AWS::CloudTrail::Trail'));
    const values = trail?.Properties.EventSelectors[0].DataResources[0].Values.map(flat);
    expect(values).toEqual([
      expect.stringMatching(/^<RawBucket.*>\/reviews\/$/),
      expect.stringMatching(/^<ProcessedBucket.*>\/tables\/$/),
    ]);
  });

  it('may write to its bucket as itself only', () => {
    const policies = Object.entries(open.findResources('AWS::S3::BucketPolicy'));
    const statements = policies.flatMap(([id, { Properties }]) =>
      id.startsWith('DataEvents') ? (Properties.PolicyDocument.Statement as PolicyStatement[]) : [],
    );
    const allowed = statements.filter(
      ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal).includes('cloudtrail'),
    );
    expect(allowed.map(({ Action }) => Action)).toEqual(['s3:GetBucketAcl', 's3:PutObject']);
    for (const { Condition } of allowed) expect(JSON.stringify(Condition)).toContain('trail/reviews-test-data-events');
  });

  it('is not there unless the setting says so', () => {
    plain.resourceCountIs('AWS::CloudTrail::Trail', 0);
    plain.resourceCountIs('AWS::S3::Bucket', 3);
  });
});
