import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine } from 'aws-cdk-lib/aws-events-targets';
import type { PySparkEtlJob } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { compactionReportKey } from '../contracts/object-keys';
import { TABLES_PREFIX } from '../contracts/prefixes';
import { PipelineStateMachine } from '../kit/pipeline-state-machine';
import { GlueJobTask } from './glue-job-task';
import { GLUE_CAPACITY_ERRORS, GLUE_SERVICE_ERRORS } from './transient-errors';

export interface CompactionProps {
  /** Name of the state machine and of its schedule. */
  readonly name: string;
  readonly compaction: NonNullable<Settings['compaction']>;
  readonly job: PySparkEtlJob;
  readonly processedBucket: Bucket;
  /** Key of the log. */
  readonly encryptionKey: IKey;
  readonly settings: Pick<Settings, 'glue' | 'logs'>;
}

const MARGIN = Duration.minutes(1);

/**
 * Puts the small files of past days together in large ones, once a day; an operator may start it at any time, with `{"plan": true}` to
 * see what it would do, and with `{"today": true}` to have the batches of today compacted, too.
 */
export class Compaction extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, props: CompactionProps) {
    super(scope, id);
    const { timeoutMinutes, queueMinutes } = props.settings.glue;
    const longest = Duration.minutes(timeoutMinutes + queueMinutes).plus(MARGIN);
    this.stateMachine = new PipelineStateMachine(this, 'StateMachine', {
      stateMachineName: props.name,
      comment: 'Puts the small files of the published tables together in large ones; every row is seen once meanwhile.',
      definition: this.compact(props, longest),
      // A run that found no capacity is tried again, after a while.
      timeout: longest.plus(Duration.hours(1)),
      invokesFunctions: false,
      encryptionKey: props.encryptionKey,
      logRetentionDays: props.settings.logs.retentionDays,
    });
    this.schedule(props);
  }

  private compact({ job, compaction, processedBucket }: CompactionProps, stateTimeout: Duration): GlueJobTask {
    const inBucket = (key: string) => processedBucket.s3UrlForObject(key);
    const state = new GlueJobTask(this, 'Compact tables', {
      job,
      comment: 'Writes the large files and announces them; removes files that were replaced a day ago.',
      arguments: {
        '--tables': inBucket(TABLES_PREFIX),
        '--minimum-batches': String(compaction.minimumBatches),
        '--grace-hours': String(compaction.graceHours),
        '--report': `{% "${inBucket(compactionReportKey('" & $states.context.Execution.Name & "'))}" %}`,
        '--mode': '{% $states.input.plan = true ? "plan" : "compact" %}',
        '--days': '{% $states.input.today = true ? "all" : "past" %}',
      },
      outputs: '{% {"jobRunId": $states.result.Id, "seconds": $states.result.ExecutionTime} %}',
      stateTimeout,
    });
    for (const policy of [GLUE_CAPACITY_ERRORS, GLUE_SERVICE_ERRORS]) state.addRetry(policy);
    return state;
  }

  private schedule({ name, compaction }: CompactionProps): void {
    const rule = new Rule(this, 'Rule', {
      ruleName: name,
      description: 'Compacts the small files of past days once a day',
      schedule: Schedule.cron({ hour: String(compaction.hour), minute: '0' }),
      targets: [new SfnStateMachine(this.stateMachine, { retryAttempts: 10, maxEventAge: Duration.hours(6) })],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'The next day does all that a lost start would have done.',
    });
  }
}
