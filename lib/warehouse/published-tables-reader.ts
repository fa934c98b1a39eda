import { ArnPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { TABLES_PREFIX } from '../contracts/prefixes';
import { allowObjects } from '../kit/grants';
import { PUBLISH_REASON } from '../storage/path-reasons';

export interface PublishedTablesReaderProps {
  /** The storage integration knows the role by this name, before it is there. */
  readonly roleName: string;
  /** Snowflake's user in AWS, as the integration names it. */
  readonly snowflakeUserArn: string;
  /** What that user says to prove that it comes from this integration. */
  readonly externalId: string;
  readonly bucket: Pick<IBucket, 'bucketArn' | 'arnForObjects'>;
  readonly dataKey: IKey;
}

/** The role that Snowflake reads the published tables with: it trusts one integration, and sees one prefix. */
export class PublishedTablesReader extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: PublishedTablesReaderProps) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      roleName: props.roleName,
      description: 'Snowflake reads the published tables with it',
      assumedBy: new ArnPrincipal(props.snowflakeUserArn).withConditions({
        StringEquals: { 'sts:ExternalId': props.externalId },
      }),
    });
    // What an external table needs: "Configuring a Snowflake storage integration to access Amazon S3", Snowflake user guide.
    const readActions = ['s3:GetObject', 's3:GetObjectVersion'];
    allowObjects(this.role, props.bucket, readActions, `${TABLES_PREFIX}*`, PUBLISH_REASON);
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [props.bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': [`${TABLES_PREFIX}*`] } },
      }),
    );
    this.role.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetBucketLocation'], resources: [props.bucket.bucketArn] }),
    );
    this.role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [props.dataKey.keyArn] }));
  }
}
