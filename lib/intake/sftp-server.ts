import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { CfnServer, CfnUser } from 'aws-cdk-lib/aws-transfer';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { REVIEWS_PREFIX } from '../contracts/prefixes';
import { acknowledgeCheckov } from '../kit/acknowledge-checkov';
import { allowKey, allowObjects } from '../kit/grants';
import { allowLogEncryption, PipelineLogGroup } from '../kit/log-group';

export interface SftpServerProps {
  readonly logGroupName: string;
  readonly rawBucket: Bucket;
  /** Key of the raw bucket. */
  readonly dataKey: IKey;
  /** Key of the server's log. */
  readonly operationsKey: IKey;
  readonly users: NonNullable<Settings['sftp']>['users'];
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/**
 * Takes files of producers who have no AWS account: each sees one folder of the raw bucket, and can write to it only, which the service
 * allows for ("Managing access controls", AWS Transfer Family User Guide).
 */
export class SftpServer extends Construct {
  readonly serverId: string;

  constructor(scope: Construct, id: string, props: SftpServerProps) {
    super(scope, id);
    const { rawBucket, operationsKey, users } = props;
    const logGroup = new PipelineLogGroup(this, 'Log', {
      logGroupName: props.logGroupName,
      encryptionKey: operationsKey,
      retentionDays: props.logRetentionDays,
    });
    const assumedBy = new ServicePrincipal('transfer.amazonaws.com', {
      // The service acts for this account only. "Cross-service confused deputy prevention", AWS Transfer Family User Guide.
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const logging = new Role(this, 'LoggingRole', { description: 'Lets the SFTP server write its log', assumedBy });
    logGroup.grantWrite(logging);
    allowLogEncryption(logging, operationsKey);
    const server = new CfnServer(this, 'Server', {
      protocols: ['SFTP'],
      domain: 'S3',
      endpointType: 'PUBLIC',
      identityProviderType: 'SERVICE_MANAGED',
      loggingRole: logging.roleArn,
      structuredLogDestinations: [logGroup.logGroupArn],
      securityPolicyName: 'TransferSecurityPolicy-2024-01',
    });
    server.node.addDependency(logging);
    acknowledgeCheckov(server, {
      id: 'CKV_AWS_164',
      reason: 'Producers come from the internet. They log in by a key and can write to one folder only.',
    });
    this.serverId = server.attrServerId;

    users.forEach(({ name, publicKeys, folder }, number) => {
      const role = new Role(this, `User${number}Role`, {
        description: `Lets the producer ${name} write files to ${REVIEWS_PREFIX}${folder}/`,
        assumedBy,
      });
      const reason = 'Producers name the files they drop.';
      const actions = ['s3:PutObject', 's3:AbortMultipartUpload'];
      allowObjects(role, rawBucket, actions, `${REVIEWS_PREFIX}${folder}/*`, reason);
      role.addToPolicy(
        new PolicyStatement({
          actions: ['s3:ListBucket'],
          resources: [rawBucket.bucketArn],
          conditions: { StringLike: { 's3:prefix': [`${REVIEWS_PREFIX}${folder}/*`, `${REVIEWS_PREFIX}${folder}`] } },
        }),
      );
      allowKey(role, props.dataKey);
      new CfnUser(this, `User${number}`, {
        serverId: server.attrServerId,
        userName: name,
        role: role.roleArn,
        sshPublicKeys: [...publicKeys],
        homeDirectoryType: 'LOGICAL',
        homeDirectoryMappings: [{ entry: '/', target: `/${rawBucket.bucketName}/${REVIEWS_PREFIX}${folder}` }],
      });
    });
  }
}
