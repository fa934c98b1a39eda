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

/**
 * Errors that end an execution at once: no Retry and no Catch applies to them.
 * "Handling errors in Step Functions workflows", AWS Step Functions Developer Guide.
 */
const UNCATCHABLE_ERRORS = ['States.DataLimitExceeded', 'States.Runtime'];

/** Records executions that ended before they could report themselves: timed out, aborted, or by an error that cannot be caught. */
export class UnfinishedExecutions extends Construct {
  constructor(scope: Construct, id: string, props: UnfinishedExecutionsProps) {
    super(scope, id);
    const target = new LambdaFunction(props.recordFailure, {
      deadLetterQueue: props.deadLetters,
      retryAttempts: 10,
      maxEventAge: Duration.hours(6),
    });
    const rules = {
      Rule: {
        name: props.ruleName,
        description: 'Records and alerts executions of the review intake that timed out or were aborted',
        end: { status: ['TIMED_OUT', 'ABORTED'] },
      },
      Uncatchable: {
        name: `${props.ruleName}-uncatchable`,
        description: 'Records and alerts executions of the review intake that failed by an error no state can catch',
        end: { status: ['FAILED'], error: UNCATCHABLE_ERRORS },
      },
    };
    for (const [ruleId, { name, description, end }] of Object.entries(rules)) {
      new Rule(this, ruleId, {
        ruleName: name,
        description,
        eventPattern: {
          source: ['aws.states'],
          detailType: ['Step Functions Execution Status Change'],
          detail: { stateMachineArn: [props.stateMachine.stateMachineArn], ...end },
        },
        targets: [target],
      });
    }
  }
}
