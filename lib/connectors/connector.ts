import { Duration } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ConnectorFunction, type ConnectorFunctionProps } from './connector-function';
import { ConnectorStateMachine } from './connector-state-machine';

export interface ConnectorProps extends ConnectorFunctionProps {
  readonly alertTopic: ITopic;
}

/** A run that could not be started is not made up for: the next one reads what it would have read. */
const START_WITHIN = Duration.minutes(15);
const START_RETRIES = 10;

/** Name of a connector's state machine, and of its schedule. */
export const connectorStateMachineName = (prefix: string, connector: string): string =>
  `${prefix}-connector-${connector}`;

/** Fetches the reviews of one service on a schedule: schedule → state machine → function → raw bucket. */
export class Connector extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: ConnectorProps) {
    super(scope, id);
    const { prefix, contract, operationsKey } = props;
    const name = connectorStateMachineName(prefix, contract.connector);
    const fetch = new ConnectorFunction(this, 'Fetch', props);
    this.stateMachine = new ConnectorStateMachine(this, 'Run', {
      stateMachineName: name,
      connector: contract.connector,
      fetch,
      alertTopic: props.alertTopic,
      encryptionKey: operationsKey,
      settings: props.settings,
    }).stateMachine;
    new Schedule(this, 'Schedule', {
      scheduleName: name,
      description: `Runs the connector ${contract.connector}`,
      schedule: ScheduleExpression.expression(contract.schedule),
      target: new StepFunctionsStartExecution(this.stateMachine, {
        input: ScheduleTargetInput.fromObject({}),
        maxEventAge: START_WITHIN,
        retryAttempts: START_RETRIES,
      }),
      key: operationsKey,
    });
  }
}
