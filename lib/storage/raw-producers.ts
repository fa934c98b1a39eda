import { Stack } from 'aws-cdk-lib';
import { AccountPrincipal, ArnPrincipal, type IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Settings } from '../config/schema';
import { REVIEWS_PREFIX } from '../contracts/prefixes';

/**
 * Lets producers of other accounts put files below their folders of the raw bucket, and read nothing. Their own policies must allow
 * them the same. An upload in parts needs Decrypt too. "Allowing cross-account access to a KMS key", Amazon S3 User Guide;
 * "Uploading and copying objects using multipart upload", Amazon S3 User Guide.
 */
export function allowProducers(bucket: Bucket, key: Key, producers: Settings['data']['producers']): void {
  for (const { principal, folder } of producers) {
    bucket.addToResourcePolicy(
      new PolicyStatement({
        principals: [principalOf(principal)],
        actions: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
        resources: [bucket.arnForObjects(`${REVIEWS_PREFIX}${folder}/*`)],
      }),
    );
  }
  for (const principal of new Set(producers.map((producer) => producer.principal))) {
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [principalOf(principal)],
        actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
        resources: ['*'],
        conditions: { StringEquals: { 'kms:ViaService': `s3.${Stack.of(key).region}.amazonaws.com` } },
      }),
    );
  }
}

function principalOf(principal: string): IPrincipal {
  return principal.startsWith('arn:') ? new ArnPrincipal(principal) : new AccountPrincipal(principal);
}
