import {
  type CfnEndpoint,
  CfnReplicationInstance,
  CfnReplicationSubnetGroup,
  CfnReplicationTask,
} from 'aws-cdk-lib/aws-dms';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ChangeCaptureSettings } from '../config/change-capture-settings';
import type { Settings } from '../config/schema';
import { PipelineLogGroup } from '../kit/log-group';
import { TASK_SETTINGS, tableMappings } from './task-rules';

export interface ReplicationProps {
  /** Of instance and task, and the ends of their ARNs: 31 characters at most. "ResourceIdentifier", AWS DMS API Reference. */
  readonly name: string;
  readonly settings: ChangeCaptureSettings;
  readonly source: CfnEndpoint;
  readonly target: CfnEndpoint;
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/** The task that copies the table and follows its changes, and the instance that it runs on. */
export class Replication extends Construct {
  readonly taskArn: string;
  readonly instanceArn: string;
  /** ARNs of source and target. */
  readonly endpointArns: { readonly database: string; readonly bucket: string };

  constructor(scope: Construct, id: string, props: ReplicationProps) {
    super(scope, id);
    const { name, settings } = props;
    // DMS would make it without key and end, under this name.
    const log = new PipelineLogGroup(this, 'Log', {
      logGroupName: `dms-tasks-${name}`,
      encryptionKey: props.encryptionKey,
      retentionDays: props.logRetentionDays,
    });
    const subnets = new CfnReplicationSubnetGroup(this, 'Subnets', {
      replicationSubnetGroupIdentifier: name,
      replicationSubnetGroupDescription: 'Where change capture reaches the database, S3 and Secrets Manager',
      subnetIds: settings.subnetIds,
    });
    const instance = new CfnReplicationInstance(this, 'Instance', {
      replicationInstanceIdentifier: name,
      // The end of the ARN, which metrics are named by.
      resourceIdentifier: name,
      replicationInstanceClass: settings.instanceClass,
      multiAz: settings.multiAz,
      publiclyAccessible: false,
      kmsKeyId: props.encryptionKey.keyArn,
      replicationSubnetGroupIdentifier: subnets.ref,
      vpcSecurityGroupIds: settings.securityGroupIds,
      autoMinorVersionUpgrade: true,
    });
    instance.node.addDependency(log);
    const task = new CfnReplicationTask(this, 'Task', {
      replicationTaskIdentifier: name,
      resourceIdentifier: name,
      migrationType: 'full-load-and-cdc',
      replicationInstanceArn: instance.ref,
      sourceEndpointArn: props.source.ref,
      targetEndpointArn: props.target.ref,
      tableMappings: tableMappings(settings),
      replicationTaskSettings: TASK_SETTINGS,
    });
    this.taskArn = task.ref;
    this.instanceArn = instance.ref;
    this.endpointArns = { database: props.source.ref, bucket: props.target.ref };
  }
}
