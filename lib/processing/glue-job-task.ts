import type { Duration } from 'aws-cdk-lib';
import type { PySparkEtlJob } from 'aws-cdk-lib/aws-glue';
import { IntegrationPattern, QueryLanguage, TaskInput } from 'aws-cdk-lib/aws-stepfunctions';
import { GlueStartJobRun } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import type { Construct } from 'constructs';

export interface GlueJobTaskProps {
  readonly job: PySparkEtlJob;
  readonly comment: string;
  /** Arguments of the run; JSONata expressions between `{%` and `%}`. */
  readonly arguments: Readonly<Record<string, string>>;
  /** Output of the state; JSONata. */
  readonly outputs: string;
  /** After this time the state gives the run up; longer than the job's own timeout, which ends the run itself. */
  readonly stateTimeout: Duration;
}

/** Runs a Glue job and waits for its end, up to a limit. */
export class GlueJobTask extends GlueStartJobRun {
  private readonly stateTimeout: Duration;

  constructor(scope: Construct, id: string, props: GlueJobTaskProps) {
    super(scope, id, {
      queryLanguage: QueryLanguage.JSONATA,
      integrationPattern: IntegrationPattern.RUN_JOB,
      glueJobName: props.job.jobName,
      comment: props.comment,
      arguments: TaskInput.fromObject(props.arguments),
      outputs: props.outputs,
    });
    this.stateTimeout = props.stateTimeout;
  }

  /**
   * Corrects what the CDK writes: it takes `taskTimeout` for the run's timeout and leaves the state without one, and it writes
   * settings that nobody gave as null, which the service may refuse. A run's own queuing setting replaces that of its job, and counts
   * as off where it is missing. "StartJobRun", AWS Glue Web API Reference.
   */
  override toStateJson(topLevelQueryLanguage?: QueryLanguage): object {
    const state = super.toStateJson(topLevelQueryLanguage) as { readonly Arguments: Readonly<Record<string, unknown>> };
    const given = Object.entries(state.Arguments).filter(([, value]) => value !== undefined && value !== null);
    return {
      ...state,
      Arguments: { ...Object.fromEntries(given), JobRunQueuingEnabled: true },
      TimeoutSeconds: this.stateTimeout.toSeconds(),
    };
  }
}
