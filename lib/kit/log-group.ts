import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey, Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';

export interface PipelineLogGroupProps {
  readonly logGroupName: string;
  readonly encryptionKey: IKey;
  readonly retentionDays: Settings['logs']['retentionDays'];
}

/** A log group as every log group of the pipeline is: named, encrypted, its events deleted after a while. */
export class PipelineLogGroup extends LogGroup {
  constructor(scope: Construct, id: string, props: PipelineLogGroupProps) {
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'LogGroup', {
      logGroupName: props.logGroupName,
      encryptionKey: props.encryptionKey,
      retention: props.retentionDays satisfies RetentionDays,
      // Its events end by retention; a group left behind would make the next deployment fail on its name.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}

/**
 * Lets a role write to log groups that a key encrypts: CloudWatch Logs asks for the writer's permission too.
 * "CloudWatchLogsAPIKeyAccess", AWS Managed Policy Reference.
 */
export function allowLogEncryption(role: IRole, key: IKey): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      resources: [key.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': `logs.${Stack.of(role).region}.amazonaws.com` } },
    }),
  );
}

/**
 * Lets CloudWatch Logs encrypt log groups with a key.
 * "Encrypt log data in CloudWatch Logs using AWS KMS", Amazon CloudWatch Logs User Guide.
 *
 * @param logGroups ends of the groups' ARNs; `*` matches any text
 */
export function allowLogGroups(key: Key, logGroups: readonly string[]): void {
  const { account, region, partition } = Stack.of(key);
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'LogGroupsOfThePipeline',
      // The documentation names the service of one region only, and all of these actions: without them no group can be made.
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': logGroups.map(
            (logGroup) => `arn:${partition}:logs:${region}:${account}:log-group:${logGroup}`,
          ),
        },
      },
    }),
  );
}
