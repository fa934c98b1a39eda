import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { ChangeCaptureSettings } from '../config/change-capture-settings';
import { resourcePrefix } from '../config/resource-prefix';
import type { Configuration } from '../config/settings';
import type { ProcessingStack } from '../processing/processing-stack';
import type { StorageStack } from '../storage/storage-stack';
import { Keeper } from './keeper';
import { Replication } from './replication';
import { SourceEndpoint } from './source-endpoint';
import { TargetEndpoint } from './target-endpoint';

export interface ChangeCaptureStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly changeCapture: ChangeCaptureSettings;
  readonly storage: StorageStack;
  readonly processing: ProcessingStack;
}

/** Brings every change of a table in PostgreSQL to the raw bucket. */
export class ChangeCaptureStack extends Stack {
  /** Of instance and task, and the dimensions of their metrics. */
  readonly replicationName: string;
  readonly keeper: StateMachine;

  constructor(scope: Construct, id: string, props: ChangeCaptureStackProps) {
    super(scope, id, props);
    const { changeCapture: settings, storage, processing } = props;
    const prefix = resourcePrefix(props.configuration.settings);
    const name = `${prefix}-change-capture`;
    const encryptionKey = processing.operationsKey;
    const logRetentionDays = props.configuration.settings.logs.retentionDays;
    const source = new SourceEndpoint(this, 'Source', { name: `${name}-source`, settings, encryptionKey });
    const target = new TargetEndpoint(this, 'Target', {
      name: `${name}-target`,
      settings,
      rawBucket: storage.rawBucket,
      dataKey: storage.dataKey,
      encryptionKey,
    });
    const replication = new Replication(this, 'Replication', {
      name: prefix,
      settings,
      source: source.endpoint,
      target: target.endpoint,
      encryptionKey,
      logRetentionDays,
    });
    this.replicationName = prefix;
    this.keeper = new Keeper(this, 'Keeper', {
      name,
      replication,
      alertTopic: processing.alerts,
      encryptionKey,
      logRetentionDays,
    }).stateMachine;
    new CfnOutput(this, 'ChangeCaptureStateMachineArn', {
      value: this.keeper.stateMachineArn,
      description: 'Starts the task, or makes it go on',
    });
    new CfnOutput(this, 'ChangeCaptureFolder', {
      value: `${settings.source}/${settings.schema}/${settings.table}`,
      description: 'Where the files go, below reviews/',
    });
    new CfnOutput(this, 'ReplicationTaskArn', {
      value: replication.taskArn,
      description: 'Task of DMS that follows the changes',
    });
  }
}
