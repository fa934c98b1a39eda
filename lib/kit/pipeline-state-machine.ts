import type { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { DefinitionBody, type IChainable, LogLevel, QueryLanguage, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeWildcards } from './acknowledge-wildcards';
import { allowKey } from './grants';
import { PipelineLogGroup } from './log-group';

export interface PipelineStateMachineProps {
  readonly stateMachineName: string;
  readonly comment: string;
  readonly definition: IChainable;
  /** Longest execution. */
  readonly timeout: Duration;
  /** Whether one of its states invokes a Lambda function. */
  readonly invokesFunctions: boolean;
  /** Key of the log, and of what the states send. */
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/** A state machine in JSONATA with an encrypted log of every event, beside it in its scope, and traces. */
export class PipelineStateMachine extends StateMachine {
  constructor(scope: Construct, id: string, props: PipelineStateMachineProps) {
    const { stateMachineName, comment, timeout, encryptionKey } = props;
    const destination = new PipelineLogGroup(scope, 'Log', {
      // Under this prefix the permission to deliver logs does not grow with every state machine of the account.
      // "Using CloudWatch Logs to log execution history", AWS Step Functions Developer Guide.
      logGroupName: `/aws/vendedlogs/states/${stateMachineName}`,
      encryptionKey,
      retentionDays: props.logRetentionDays,
    });
    super(scope, id, {
      stateMachineName,
      comment,
      definitionBody: DefinitionBody.fromChainable(props.definition),
      queryLanguage: QueryLanguage.JSONATA,
      timeout,
      logs: { destination, level: LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
    });
    allowKey(this, encryptionKey);
    const logsAndTraces = {
      resource: '*',
      reason: 'Log deliveries and trace segments belong to no resource: their actions accept nothing else.',
    };
    const versions = {
      resource: '.Arn>:*',
      reason: 'The versions of the functions that the statements name; there are none but the newest.',
    };
    acknowledgeWildcards(this.role, logsAndTraces, ...(props.invokesFunctions ? [versions] : []));
  }
}
