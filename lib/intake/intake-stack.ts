import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IRuleTarget } from 'aws-cdk-lib/aws-events';
import { SfnStateMachine, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../config/resource-prefix';
import type { Settings } from '../config/schema';
import type { Configuration } from '../config/settings';
import { DeadLetterQueue } from '../kit/dead-letter-queue';
import { deliveryOf } from '../kit/rule-delivery';
import type { ProcessingStack } from '../processing/processing-stack';
import type { StorageStack } from '../storage/storage-stack';
import { Batching, type QueuedIntake } from './batching';
import { ObjectCreatedRule } from './object-created-rule';
import { SftpServer } from './sftp-server';

export interface IntakeStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly storage: StorageStack;
  readonly processing: ProcessingStack;
}

/** From a file in the raw bucket to an execution: at once for each file, or by a queue, singly or for the files of a window. */
export class IntakeStack extends Stack {
  readonly deadLetters: DeadLetterQueue;
  /** Name of the rule that every new file passes. */
  readonly ruleName: string;
  /** Only where files pass a queue. */
  readonly batching: Batching | undefined;

  constructor(scope: Construct, id: string, props: IntakeStackProps) {
    super(scope, id, props);
    const { storage, processing } = props;
    const { settings } = props.configuration;
    const prefix = resourcePrefix(settings);

    this.deadLetters = new DeadLetterQueue(this, 'DeadLetters', {
      queueName: `${prefix}-intake-dead-letters`,
      encryptionKey: processing.operationsKey,
    });
    this.batching = this.createBatching(prefix, settings, { storage, processing });
    this.ruleName = `${prefix}-object-created`;
    new ObjectCreatedRule(this, 'ObjectCreated', {
      ruleName: this.ruleName,
      bucket: storage.rawBucket,
      target: this.batching
        ? new SqsQueue(this.batching.queue, deliveryOf(this.deadLetters))
        : this.executionTarget(processing),
    });

    if (settings.sftp) {
      const sftp = new SftpServer(this, 'Sftp', {
        logGroupName: `/aws/transfer/${prefix}-sftp`,
        rawBucket: storage.rawBucket,
        dataKey: storage.dataKey,
        operationsKey: processing.operationsKey,
        users: settings.sftp.users,
        logRetentionDays: settings.logs.retentionDays,
      });
      new CfnOutput(this, 'SftpServerId', {
        value: sftp.serverId,
        description: 'Producers log in at <this>.server.transfer.<region>.amazonaws.com',
      });
    }

    new CfnOutput(this, 'IntakeDeadLetterQueueUrl', {
      value: this.deadLetters.queueUrl,
      description: 'Events of files that never reached the state machine',
    });
  }

  private createBatching(
    prefix: string,
    settings: Settings,
    { storage, processing }: Pick<IntakeStackProps, 'storage' | 'processing'>,
  ): Batching | undefined {
    const intake = queued(settings.intake);
    if (!intake) return undefined;
    const batching = new Batching(this, 'Batching', {
      prefix,
      stateMachine: processing.reviews.stateMachine,
      deadLetters: this.deadLetters,
      encryptionKey: processing.operationsKey,
      ledger: storage.ledger,
      dataKey: storage.dataKey,
      intake,
      settings,
    });
    new CfnOutput(this, 'IntakeQueueUrl', {
      value: batching.queue.queueUrl,
      description: 'Files that wait for an execution',
    });
    return batching;
  }

  private executionTarget(processing: ProcessingStack): IRuleTarget {
    return new SfnStateMachine(processing.reviews.stateMachine, {
      ...deliveryOf(this.deadLetters),
      // In this stack: by default the role is made beside the state machine, whose stack would then depend on this one.
      role: new Role(this, 'StartExecutionRole', {
        description: 'Lets the rule start executions of the review intake',
        assumedBy: new ServicePrincipal('events.amazonaws.com'),
      }),
    });
  }
}

/** The intake as it is where its files pass a queue. */
function queued(intake: Settings['intake']): QueuedIntake | undefined {
  if (intake.mode === 'batched') return intake;
  const { mode, maximumExecutions } = intake;
  return maximumExecutions === undefined ? undefined : { mode, maximumExecutions };
}
