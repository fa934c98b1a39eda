import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';

export interface PipelineLogGroupProps {
  readonly logGroupName: string;
  readonly encryptionKey: IKey;
  readonly retentionDays: Settings['logs']['retentionDays'];
}

/** A log group with a name, a key and an end to its events. */
export class PipelineLogGroup extends Construct {
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: PipelineLogGroupProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: props.logGroupName,
      encryptionKey: props.encryptionKey,
      retention: props.retentionDays satisfies RetentionDays,
      // Its events end by retention; a group left behind would make the next deployment fail on its name.
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}
