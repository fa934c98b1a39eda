import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../config/resource-prefix';
import type { Configuration } from '../config/settings';
import { streamJobName } from '../contracts/streams';
import { DeadLetterQueue } from '../kit/dead-letter-queue';
import { dataRemovalPolicy } from '../kit/removal';
import type { StorageStack } from '../storage/storage-stack';
import { AlertTopic } from './alert-topic';
import { Compaction } from './compaction';
import { jobLogPrefix } from './job-basics';
import { LedgerWatch } from './ledger-watch';
import { OperationsKey } from './operations-key';
import { ProcessingFunctions } from './processing-functions';
import { ReviewJobs } from './review-jobs';
import { ReviewStateMachine } from './review-state-machine';
import { UnfinishedExecutions } from './unfinished-executions';

export interface ProcessingStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly storage: StorageStack;
}

/** The state machine with its functions and jobs, and what reports on them: logs, alerts, dead letters, and their key. */
export class ProcessingStack extends Stack {
  readonly operationsKey: OperationsKey;
  readonly alerts: AlertTopic;
  readonly deadLetters: DeadLetterQueue;
  readonly functions: ProcessingFunctions;
  readonly jobs: ReviewJobs;
  readonly reviews: ReviewStateMachine;
  /** Only with the setting `compaction`. */
  readonly compaction?: Compaction;
  /** Only with the setting `alarms.processingMinutes`. */
  readonly ledgerWatch?: LedgerWatch;
  /** Name of the state machine, which is in the ARNs of its executions. */
  readonly stateMachineName: string;

  constructor(scope: Construct, id: string, props: ProcessingStackProps) {
    super(scope, id, props);
    const { storage } = props;
    const { settings, destroyData } = props.configuration;
    const prefix = resourcePrefix(settings);
    this.stateMachineName = `${prefix}-intake`;
    const jobNames = { cleanJobName: `${prefix}-clean-reviews`, flattenJobName: `${prefix}-flatten-reviews` };
    const compactJobName = `${prefix}-compact-tables`;

    this.operationsKey = new OperationsKey(this, 'Operations', {
      alias: `${prefix}-operations`,
      // Without the key, dead letters and retained logs could never be read again.
      removalPolicy: dataRemovalPolicy(destroyData),
      logGroups: [
        `/aws/lambda/${prefix}-*`,
        `/aws/vendedlogs/states/${prefix}-*`,
        ...(settings.sftp ? [`/aws/transfer/${prefix}-*`] : []),
        ...[
          ...Object.values(jobNames),
          ...(settings.compaction ? [compactJobName] : []),
          ...settings.streams.map(({ name }) => streamJobName(prefix, name)),
        ].map((name) => `${jobLogPrefix(name)}*`),
      ],
    });
    const { operationsKey } = this;
    const { rawBucket, processedBucket, ledger, dataKey } = storage;
    this.alerts = new AlertTopic(this, 'Alerts', {
      topicName: `${prefix}-alerts`,
      encryptionKey: operationsKey,
      emails: settings.alertEmails,
    });
    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: `${prefix}-processing-dead-letters`,
      encryptionKey: operationsKey,
    });

    this.functions = new ProcessingFunctions(this, 'Functions', {
      prefix,
      jobNames,
      rawBucket,
      processedBucket,
      ledger,
      dataKey,
      alertTopic: this.alerts,
      deadLetters: this.deadLetters,
      operationsKey,
      settings,
    });
    this.jobs = new ReviewJobs(this, 'Jobs', {
      ...jobNames,
      ...(settings.compaction && { compactJobName }),
      securityConfigurationName: `${prefix}-jobs`,
      processedBucket,
      dataKey,
      operationsKey,
      settings,
    });
    this.reviews = new ReviewStateMachine(this, 'Reviews', {
      stateMachineName: this.stateMachineName,
      registerFiles: this.functions.registerFiles,
      recordOutcome: this.functions.recordOutcome,
      recordFailure: this.functions.recordFailure,
      cleanJob: this.jobs.clean.job,
      flattenJob: this.jobs.flatten.job,
      alertTopic: this.alerts,
      encryptionKey: operationsKey,
      settings,
    });
    if (settings.compaction && this.jobs.compact) {
      this.compaction = new Compaction(this, 'Compaction', {
        name: `${prefix}-compaction`,
        compaction: settings.compaction,
        job: this.jobs.compact.job,
        processedBucket,
        encryptionKey: operationsKey,
        settings,
      });
      new CfnOutput(this, 'CompactionStateMachineArn', { value: this.compaction.stateMachine.stateMachineArn });
    }
    new UnfinishedExecutions(this, 'UnfinishedExecutions', {
      ruleName: `${prefix}-unfinished-executions`,
      stateMachine: this.reviews.stateMachine,
      recordFailure: this.functions.recordFailure,
      deadLetters: this.deadLetters,
    });

    if (settings.alarms.processingMinutes !== undefined) {
      this.ledgerWatch = new LedgerWatch(this, 'LedgerWatch', {
        prefix,
        ledger,
        dataKey,
        operationsKey,
        deadLetters: this.deadLetters,
        processingMinutes: settings.alarms.processingMinutes,
        settings,
      });
    }

    new CfnOutput(this, 'ReviewIntakeStateMachineArn', { value: this.reviews.stateMachine.stateMachineArn });
    new CfnOutput(this, 'CleanJobName', { value: this.jobs.clean.job.jobName });
    new CfnOutput(this, 'FlattenJobName', { value: this.jobs.flatten.job.jobName });
    new CfnOutput(this, 'AlertTopicArn', {
      value: this.alerts.topicArn,
      description: 'Subscribe to it to be alerted about failures',
    });
    new CfnOutput(this, 'ProcessingDeadLetterQueueUrl', {
      value: this.deadLetters.queueUrl,
      description: 'Ends of executions that could not be recorded',
    });
  }
}
