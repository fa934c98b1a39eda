import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { STATUS_INDEX } from '../contracts/status-index';
import { LINGERING_FILES } from '../contracts/watch';
import { allowKey, allowTable } from '../kit/grants';
import { PipelineFunction } from '../kit/pipeline-function';

export interface LedgerWatchProps {
  readonly prefix: string;
  readonly ledger: Table;
  /** Key of the ledger. */
  readonly dataKey: IKey;
  readonly operationsKey: IKey;
  readonly deadLetters: IQueue;
  /** How long a file may be on its way (minutes). */
  readonly processingMinutes: number;
  readonly settings: Pick<Settings, 'logs'>;
}

/** How often the ledger is looked at. */
const PERIOD = Duration.minutes(5);

/** Counts the files that are on their way for too long, which no event announces. */
export class LedgerWatch extends Construct {
  readonly watch: PipelineFunction;
  /** Number of those files at each look. */
  readonly lingeringFiles: IMetric;

  constructor(scope: Construct, id: string, props: LedgerWatchProps) {
    super(scope, id);
    const { prefix, deadLetters } = props;
    this.watch = new PipelineFunction(this, 'Watch', {
      prefix,
      name: 'watch-ledger',
      description: 'Counts the files that are received or processed for too long',
      size: { memoryMiB: 256, timeoutSeconds: 60 },
      environment: { LEDGER_TABLE: props.ledger.tableName, PROCESSING_MINUTES: String(props.processingMinutes) },
      encryptionKey: props.operationsKey,
      logRetentionDays: props.settings.logs.retentionDays,
    });
    const { role } = this.watch;
    allowTable(role, props.ledger, ['dynamodb:Query'], STATUS_INDEX.name);
    allowKey(role, props.dataKey);
    allowKey(role, props.operationsKey);
    // Called asynchronously: a call that fails time and again must not be lost.
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }));
    (this.watch.node.defaultChild as CfnFunction).deadLetterConfig = { targetArn: deadLetters.queueArn };
    new Rule(this, 'Rule', {
      ruleName: `${prefix}-watch-ledger`,
      description: 'Looks at the ledger for files that are on their way for too long',
      schedule: Schedule.rate(PERIOD),
      targets: [
        new LambdaFunction(this.watch, { deadLetterQueue: deadLetters, retryAttempts: 1, maxEventAge: PERIOD }),
      ],
    });

    const metricNamespace = `ReviewPipeline/${prefix}`;
    new MetricFilter(this, 'Filter', {
      logGroup: this.watch.logGroup,
      // By comparison: no page was found that says whether a text wildcard matches a number.
      filterPattern: FilterPattern.numberValue(`$.${LINGERING_FILES}`, '>=', 0),
      metricNamespace,
      metricName: LINGERING_FILES,
      metricValue: `$.${LINGERING_FILES}`,
    });
    this.lingeringFiles = new Metric({
      namespace: metricNamespace,
      metricName: LINGERING_FILES,
      period: PERIOD,
      statistic: Stats.MAXIMUM,
    });
  }
}
