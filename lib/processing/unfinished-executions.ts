import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';

export interface UnfinishedExecutionsProps {
  readonly ruleName: string;
  readonly stateMachine: IStateMachine;
  readonly recordFailure: IFunction;
  readonly deadLetters: IQueue;
}

/** Records executions that timed out or were aborted before they could report themselves. */
export class UnfinishedExecutions extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: UnfinishedExecutionsProps) {
    super(scope, id);
    this.rule = new Rule(this, 'Rule', {
      ruleName: props.ruleName,
      description: 'Records and alerts executions of the review intake that timed out or were aborted',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [props.stateMachine.stateMachineArn], status: ['TIMED_OUT', 'ABORTED'] },
      },
      targets: [
        new LambdaFunction(props.recordFailure, {
          deadLetterQueue: props.deadLetters,
          retryAttempts: 10,
          maxEventAge: Duration.hours(6),
        }),
      ],
    });
  }
}
