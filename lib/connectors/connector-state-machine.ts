import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  Choice,
  Condition,
  Fail,
  type IChainable,
  JitterType,
  type RetryProps,
  type StateMachine,
  Succeed,
  TaskInput,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { executionConsoleLink } from '../contracts/console-link';
import { PipelineStateMachine } from '../kit/pipeline-state-machine';
import { AlertTask } from '../processing/alert-task';
import { FUNCTION_CUT_OFF, FUNCTION_ERRORS, FUNCTION_THROTTLED } from '../processing/transient-errors';

export interface ConnectorStateMachineProps {
  readonly stateMachineName: string;
  /** Name of the connector. */
  readonly connector: string;
  readonly fetch: IFunction;
  readonly alertTopic: ITopic;
  /** Key of the log and of the topic. */
  readonly encryptionKey: IKey;
  readonly settings: Pick<Settings, 'functions' | 'logs'>;
}

/**
 * The source is busy or out of reach (`lib/functions/run-connector/connector/errors.py`), or a service of AWS is, as boto3 names it:
 * tried again over some twenty minutes, which cost nothing.
 */
const SOURCE_ERRORS: RetryProps = {
  errors: [
    'SourceUnavailableError',
    'ClientError',
    'EndpointConnectionError',
    'ConnectionClosedError',
    'ReadTimeoutError',
  ],
  interval: Duration.minutes(1),
  backoffRate: 3,
  maxAttempts: 3,
  maxDelay: Duration.minutes(15),
  jitterStrategy: JitterType.FULL,
};

/** Another run goes on with what this one has stored (`connector/errors.py`). */
const OVERTAKEN = 'OvertakenError';

/** Longest execution: a first load goes on in call after call of the function. */
const LONGEST = Duration.hours(12);

/** Time beyond a task's own, within which it must have answered. */
const MARGIN = Duration.minutes(1);

/** A run of a connector: fetch, as often as time is short; on failure call somebody. */
export class ConnectorStateMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ConnectorStateMachineProps,
  ) {
    super(scope, id);
    this.stateMachine = new PipelineStateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      comment: `Fetches what is new at the source of the connector ${props.connector}.`,
      definition: this.definition(),
      timeout: LONGEST,
      invokesFunctions: true,
      encryptionKey: props.encryptionKey,
      logRetentionDays: props.settings.logs.retentionDays,
    });
  }

  private definition(): IChainable {
    const fetch = this.fetch();
    const more = Choice.jsonata(this, 'More to read?', {
      comment: 'A call of the function ends before its time does; the next one goes on where it ended.',
    })
      .when(Condition.jsonata('{% $exists($states.input.next) %}'), fetch)
      .otherwise(Succeed.jsonata(this, 'Up to date', { comment: 'What was new is in the raw bucket.' }));
    return fetch.next(more);
  }

  private fetch(): LambdaInvoke {
    const { fetch: lambdaFunction, settings } = this.props;
    const state = LambdaInvoke.jsonata(this, 'Fetch new reviews', {
      lambdaFunction,
      comment: 'Asks the source, stores what is new in the raw bucket, then moves the cursor.',
      payload: TaskInput.fromText('{% $states.input %}'),
      outputs: '{% $states.result.Payload %}',
      taskTimeout: Timeout.duration(Duration.seconds(settings.functions.runConnector.timeoutSeconds).plus(MARGIN)),
      retryOnServiceExceptions: false,
    });
    for (const errors of [SOURCE_ERRORS, FUNCTION_ERRORS, FUNCTION_THROTTLED, FUNCTION_CUT_OFF]) state.addRetry(errors);
    state.addCatch(Succeed.jsonata(this, 'Left to another run', { comment: 'Two runs would read the same.' }), {
      errors: [OVERTAKEN],
    });
    state.addCatch(this.failurePath(), { assign: { failure: FAILURE, alert: this.alert() } });
    return state;
  }

  private failurePath(): IChainable {
    const failed = Fail.jsonata(this, 'Failed', {
      comment: 'Ends the execution with the error of the function.',
      error: '{% $failure.Error %}',
      cause: '{% $failure.Cause %}',
    });
    const alert = new AlertTask(this, 'Alert on-call', {
      comment: 'Says what failed and what to do.',
      topic: this.props.alertTopic,
      alert: '$alert',
      taskTimeout: Timeout.duration(MARGIN),
    });
    alert.addCatch(failed);
    alert.next(failed);
    return alert;
  }

  /** The sentence of the function says what to do; nothing is lost, because the cursor has not moved. */
  private alert(): Record<string, string> {
    const { region } = Stack.of(this);
    const { connector, stateMachineName } = this.props;
    const lines = [
      '" & $states.errorOutput.Error & ": " & ($contains($states.errorOutput.Cause, "errorMessage") ? $parse($states.errorOutput.Cause).errorMessage : $states.errorOutput.Cause) & "',
      '',
      'Nothing is lost: the next run goes on where the last one ended.',
      `Look: ${executionConsoleLink(region, '" & $states.context.Execution.Id & "')}`,
      `Then: docs/connectors.md says what to do about each error. Start the state machine ${stateMachineName} with the input {} to run it at once.`,
    ];
    return {
      subject: `Connector ${connector} failed`,
      message: `{% "${lines.join('\\n').replace('{}', '{" & "}')}" %}`,
    };
  }
}

/** What went wrong, kept for the state that ends the execution. */
const FAILURE = '{% {"Error": $states.errorOutput.Error, "Cause": $states.errorOutput.Cause} %}';
