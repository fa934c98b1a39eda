import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { acknowledgeWildcards } from './acknowledge-wildcards';

// The grants of the CDK's own buckets, tables and keys name actions by wildcards (`s3:GetObject*`); these name each action.

/**
 * Allows actions on the objects of a bucket that match a pattern, such as `tables/reviews/*`.
 *
 * @param reason why the pattern cannot be narrower; with it the pattern is acknowledged
 */
export function allowObjects(
  role: IRole,
  bucket: Pick<IBucket, 'arnForObjects'>,
  actions: readonly string[],
  pattern: string,
  reason: string,
): void {
  allow(role, actions, [bucket.arnForObjects(pattern)]);
  acknowledgeWildcards(role, { resource: `/${pattern}`, reason });
}

/** Allows actions on one object of a bucket. */
export function allowObject(
  role: IRole,
  bucket: Pick<IBucket, 'arnForObjects'>,
  actions: readonly string[],
  key: string,
): void {
  allow(role, actions, [bucket.arnForObjects(key)]);
}

/**
 * Allows a bucket's listing, which also decides how S3 answers for an object that is not there: 404 with it, 403 without.
 * No condition on the prefix: a HEAD request has none, and would be refused ("HeadObject", Amazon S3 API Reference).
 */
export function allowListing(grantee: IGrantable, bucket: Pick<IBucket, 'bucketArn'>, ...more: string[]): void {
  allow(grantee, ['s3:ListBucket', ...more], [bucket.bucketArn]);
}

/** Allows actions on the table and, with `index`, on one of its indexes. */
export function allowTable(
  grantee: IGrantable,
  table: Pick<ITable, 'tableArn'>,
  actions: readonly string[],
  index?: string,
): void {
  allow(grantee, actions, [index === undefined ? table.tableArn : `${table.tableArn}/index/${index}`]);
}

/** Allows what S3, DynamoDB, SNS and SQS ask of a caller who reads and writes encrypted data. */
export function allowKey(grantee: IGrantable, key: IKey): void {
  allow(grantee, ['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
}

function allow(grantee: IGrantable, actions: readonly string[], resources: string[]): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources }));
}
