import { Duration, Stack } from 'aws-cdk-lib';
import type { PySparkEtlJob } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  type CatchProps,
  Choice,
  Condition,
  Fail,
  type IChainable,
  type RetryProps,
  type StateMachine,
  Succeed,
  TaskInput,
  type TaskStateBase,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { EventBridgePutEvents, LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { executionConsoleLink } from '../contracts/console-link';
import { JOBS } from '../contracts/metrics';
import { PUBLISHED_EVENT } from '../contracts/published-event';
import { PipelineStateMachine } from '../kit/pipeline-state-machine';
import { AlertTask } from './alert-task';
import { GlueJobTask } from './glue-job-task';
import {
  EVENT_ERRORS,
  FUNCTION_CUT_OFF,
  FUNCTION_ERRORS,
  FUNCTION_THROTTLED,
  GLUE_CAPACITY_ERRORS,
  GLUE_SERVICE_ERRORS,
} from './transient-errors';

export interface ReviewStateMachineProps {
  readonly stateMachineName: string;
  readonly registerFiles: IFunction;
  readonly recordOutcome: IFunction;
  readonly recordFailure: IFunction;
  readonly cleanJob: PySparkEtlJob;
  readonly flattenJob: PySparkEtlJob;
  readonly alertTopic: ITopic;
  /** Key of the log and of the topic. */
  readonly encryptionKey: IKey;
  readonly settings: Pick<Settings, 'functions' | 'glue' | 'logs' | 'stateMachine'>;
}

/** The execution as the functions know it. */
const EXECUTION = { arn: '{% $states.context.Execution.Id %}', startTime: '{% $states.context.Execution.StartTime %}' };

/** What went wrong and where, kept from the state that failed to the state that ends the execution. A timeout has no cause. */
const FAILURE =
  '{% {"Error": $states.errorOutput.Error, "Cause": $exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : "No cause was given.", "State": $states.context.State.Name} %}';

/** Time beyond a task's own, within which it must have answered. */
const MARGIN = Duration.minutes(1);

/**
 * The way of a batch, as the Step Functions console shows it: register, clean, flatten, record, announce, and call somebody where
 * files failed alone; and on any failure record it, call somebody, fail. Written in JSONata. Inputs and outputs of the states: docs/architecture.md.
 */
export class ReviewStateMachine extends Construct {
  readonly stateMachine: StateMachine;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ReviewStateMachineProps,
  ) {
    super(scope, id);
    const { settings } = props;
    this.stateMachine = new PipelineStateMachine(this, 'StateMachine', {
      stateMachineName: props.stateMachineName,
      comment: 'Turns received review files into published tables; every file ends in a status in the ledger.',
      definition: this.definition(),
      timeout: Duration.minutes(settings.stateMachine.timeoutMinutes),
      invokesFunctions: true,
      encryptionKey: props.encryptionKey,
      logRetentionDays: settings.logs.retentionDays,
    });
  }

  private definition(): IChainable {
    const register = this.registerFiles();
    const clean = this.runJob('Clean reviews', {
      job: this.props.cleanJob,
      resultName: 'clean',
      comment:
        'Reads every file of the batch, checks, standardises and deduplicates its reviews; rejects are kept with their reasons.',
    });
    const flatten = this.runJob('Flatten reviews', {
      job: this.props.flattenJob,
      resultName: 'flatten',
      comment: 'Writes the published tables as Parquet, and the figures that must account for every record.',
    });
    const record = this.recordOutcome();
    const announce = this.announce();
    const alert = this.alertOnFailedFiles();
    const published = this.succeed('Reviews published', 'The batch is in the published tables and has been announced.');

    this.catchAll([register, clean, flatten, record, alert, announce], this.failurePath());

    const anythingPublished = Choice.jsonata(this, 'Anything published?', {
      comment:
        'A batch of rejects, duplicates or failed files publishes nothing; a deletion is published as a row of its own.',
    })
      .when(
        Condition.jsonata('{% $states.input.records.published + $states.input.records.deleted > 0 %}'),
        announce.next(published),
      )
      .otherwise(this.succeed('Nothing published', 'No record of the batch was published; the ledger says why.'));

    return register.next(
      Choice.jsonata(this, 'Anything new?', {
        comment: 'Duplicates, empty and unreadable files end in Register files.',
      })
        .when(
          Condition.jsonata('{% $states.input.fileCount > 0 %}'),
          clean
            .next(flatten)
            .next(record)
            .next(
              Choice.jsonata(this, 'Any file failed?', {
                comment: 'The jobs may fail on single files, and publish all others.',
              })
                .when(Condition.jsonata('{% $exists($states.input.alert) %}'), alert.next(anythingPublished))
                .otherwise(anythingPublished),
            ),
        )
        .otherwise(
          this.succeed('Nothing to process', 'No file of the input is new and readable; the statuses say why.'),
        ),
    );
  }

  private registerFiles(): LambdaInvoke {
    const { registerFiles, settings } = this.props;
    return this.invoke('Register files', {
      function: registerFiles,
      timeoutSeconds: settings.functions.registerFiles.timeoutSeconds,
      comment:
        'Claims each object version in the ledger, looks at its first bytes and copies it to the work area of the batch.',
      payload: { execution: EXECUTION, input: '{% $states.input %}' },
    });
  }

  private recordOutcome(): LambdaInvoke {
    const { recordOutcome, settings } = this.props;
    return this.invoke('Record outcome', {
      function: recordOutcome,
      timeoutSeconds: settings.functions.recordOutcome.timeoutSeconds,
      comment: 'Writes the figures and the status of each file to the ledger.',
      payload: {
        execution: EXECUTION,
        batch: '{% $states.input.batch %}',
        jobSeconds: Object.fromEntries(JOBS.map((job) => [job, `{% $states.input.${job}.seconds %}`])),
      },
    });
  }

  private invoke(
    name: string,
    task: {
      function: IFunction;
      timeoutSeconds: number;
      comment: string;
      payload: Record<string, unknown>;
      assign?: Record<string, string>;
    },
  ): LambdaInvoke {
    const state = LambdaInvoke.jsonata(this, name, {
      lambdaFunction: task.function,
      comment: task.comment,
      payload: TaskInput.fromObject(task.payload),
      outputs: '{% $states.result.Payload %}',
      ...(task.assign && { assign: task.assign }),
      taskTimeout: Timeout.duration(Duration.seconds(task.timeoutSeconds).plus(MARGIN)),
      retryOnServiceExceptions: false,
    });
    return retried(state, FUNCTION_ERRORS, FUNCTION_THROTTLED, FUNCTION_CUT_OFF);
  }

  private runJob(
    name: string,
    task: { job: PySparkEtlJob; resultName: (typeof JOBS)[number]; comment: string },
  ): GlueJobTask {
    const { timeoutMinutes, queueMinutes } = this.props.settings.glue;
    const state = new GlueJobTask(this, name, {
      job: task.job,
      comment: task.comment,
      arguments: { '--manifest': '{% $states.input.batch.manifest %}' },
      outputs: `{% $merge([$states.input, {"${task.resultName}": {"jobRunId": $states.result.Id, "seconds": $states.result.ExecutionTime}}]) %}`,
      // Longer than the job's own timeout and its wait for capacity: Glue ends the run before Step Functions gives it up,
      // so nothing still writes while Record failure cleans up.
      stateTimeout: Duration.minutes(timeoutMinutes + queueMinutes).plus(MARGIN),
    });
    return retried(state, GLUE_CAPACITY_ERRORS, GLUE_SERVICE_ERRORS);
  }

  private announce(): EventBridgePutEvents {
    const state = EventBridgePutEvents.jsonata(this, 'Announce published reviews', {
      comment: 'Tells whoever builds on the tables what is new.',
      entries: [
        {
          ...PUBLISHED_EVENT,
          detail: TaskInput.fromText('{% $merge([$states.input, {"executionArn": $states.context.Execution.Id}]) %}'),
        },
      ],
      outputs: '{% $states.input %}',
      taskTimeout: Timeout.duration(MARGIN),
    });
    return retried(state, EVENT_ERRORS);
  }

  /** Nobody would look for files that failed alone in an execution that succeeds. The alert is no part of what is announced. */
  private alertOnFailedFiles(): AlertTask {
    return new AlertTask(this, 'Alert on failed files', {
      comment: 'Says which files the jobs failed on, and what to do.',
      topic: this.props.alertTopic,
      alert: '$states.input.alert',
      outputs: '{% $sift($states.input, function($value, $name) { $name != "alert" }) %}',
      taskTimeout: Timeout.duration(MARGIN),
    });
  }

  /** Record failure → Alert on-call → Failed; neither of the first two can keep the execution from failing with its own error. */
  private failurePath(): LambdaInvoke {
    const failed = Fail.jsonata(this, 'Failed', {
      comment: 'Ends the execution with the error of the state that failed.',
      error: '{% $failure.Error %}',
      cause: '{% $failure.Cause %}',
    });
    const alert = new AlertTask(this, 'Alert on-call', {
      comment: 'Says what failed, where to look and what to do.',
      topic: this.props.alertTopic,
      alert: '$alert',
      taskTimeout: Timeout.duration(MARGIN),
    });
    const record = this.invoke('Record failure', {
      function: this.props.recordFailure,
      timeoutSeconds: this.props.settings.functions.recordFailure.timeoutSeconds,
      comment:
        'Marks the files of the batch FAILED, so that they can be run again, and removes what the batch had written.',
      payload: { execution: EXECUTION, error: '{% $failure %}' },
      assign: { alert: '{% $states.result.Payload.alert %}' },
    });
    record.addCatch(alert, { outputs: '{% $states.input %}', assign: { alert: this.alertOfUnrecordedFailure() } });
    alert.addCatch(failed, { outputs: '{% $states.input %}' });
    record.next(alert).next(failed);
    return record;
  }

  /** The one alert that record-failure cannot write, because it has failed itself. */
  private alertOfUnrecordedFailure(): Record<string, string> {
    const { region } = Stack.of(this);
    const lines = [
      'An execution of the review intake failed, and recording that failed too: its files still say PROCESSING in the ledger.',
      '',
      '" & $failure.State & " failed with " & $failure.Error & ".',
      'Record failure failed with " & $states.errorOutput.Error & ".',
      '',
      `Look: ${executionConsoleLink(region, '" & $states.context.Execution.Id & "')}`,
      `Then: fix the cause, invoke ${this.props.recordFailure.functionName} once more with the input of Record failure (it is in the history of the execution), then: npm run reviews -- --env NAME replay --failed.`,
    ];
    return {
      subject: '{% "Review intake failed, not recorded: " & $substring($failure.Error, 0, 60) %}',
      message: `{% "${lines.join('\\n')}" %}`,
    };
  }

  private catchAll(states: readonly Pick<TaskStateBase, 'addCatch'>[], handler: LambdaInvoke): void {
    const props: CatchProps = { outputs: '{% $states.input %}', assign: { failure: FAILURE } };
    for (const state of states) state.addCatch(handler, props);
  }

  private succeed(name: string, comment: string): Succeed {
    return Succeed.jsonata(this, name, { comment });
  }
}

function retried<T extends Pick<TaskStateBase, 'addRetry'>>(state: T, ...policies: RetryProps[]): T {
  for (const policy of policies) state.addRetry(policy);
  return state;
}
