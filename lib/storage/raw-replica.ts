import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { REVIEWS_PREFIX } from '../contracts/prefixes';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { allowObjects } from '../kit/grants';

export interface RawReplicaProps {
  readonly bucket: Bucket;
  readonly encryptionKey: IKey;
  readonly replica: NonNullable<Settings['data']['replica']>;
  /** Whether the files are write-once. */
  readonly locked: boolean;
}

/** What a copy of a write-once file carries with it. "Object Lock considerations", Amazon S3 User Guide. */
const READ_LOCK = ['s3:GetObjectRetention', 's3:GetObjectLegalHold'];

/**
 * Copies every received file to a bucket of another region, by S3 itself.
 * "Replicating encrypted objects (SSE-S3, SSE-KMS, DSSE-KMS, SSE-C)", Amazon S3 User Guide.
 */
export class RawReplica extends Construct {
  constructor(scope: Construct, id: string, props: RawReplicaProps) {
    super(scope, id);
    const { bucket, encryptionKey, replica } = props;
    const role = new Role(this, 'Role', {
      description: 'Lets S3 copy received files to another region',
      assumedBy: new ServicePrincipal('s3.amazonaws.com'),
    });
    const source = [
      's3:GetObjectVersionForReplication',
      's3:GetObjectVersionAcl',
      's3:GetObjectVersionTagging',
      ...(props.locked ? READ_LOCK : []),
    ];
    allowObjects(role, bucket, source, `${REVIEWS_PREFIX}*`, 'Producers name the files they drop.');
    const statements = [
      { actions: ['s3:GetReplicationConfiguration', 's3:ListBucket'], resources: [bucket.bucketArn] },
      {
        // No s3:ReplicateDelete: a file that is deleted here stays there.
        actions: ['s3:ReplicateObject', 's3:ReplicateTags'],
        resources: [`${replica.bucketArn}/${REVIEWS_PREFIX}*`],
      },
      {
        actions: ['kms:Decrypt'],
        resources: [encryptionKey.keyArn],
        service: `s3.${Stack.of(this).region}.amazonaws.com`,
      },
      {
        actions: ['kms:Encrypt'],
        resources: [replica.keyArn],
        service: `s3.${regionOf(replica.keyArn)}.amazonaws.com`,
      },
    ];
    for (const { service, ...statement } of statements) {
      const conditions = service ? { conditions: { StringEquals: { 'kms:ViaService': service } } } : {};
      role.addToPolicy(new PolicyStatement({ ...statement, ...conditions }));
    }
    acknowledgeWildcards(role, {
      resource: `${replica.bucketArn}/${REVIEWS_PREFIX}*`,
      reason: 'The copies have the names that producers gave the files.',
    });
    (bucket.node.defaultChild as CfnBucket).replicationConfiguration = {
      role: role.roleArn,
      rules: [
        {
          id: 'copy-received-files',
          status: 'Enabled',
          priority: 1,
          filter: { prefix: REVIEWS_PREFIX },
          deleteMarkerReplication: { status: 'Disabled' },
          sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: 'Enabled' } },
          destination: { bucket: replica.bucketArn, encryptionConfiguration: { replicaKmsKeyId: replica.keyArn } },
        },
      ],
    };
  }
}

/** Region in the ARN of a key. */
function regionOf(keyArn: string): string {
  return keyArn.split(':')[3] ?? '';
}
