import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  Choice,
  Condition,
  type IChainable,
  JitterType,
  type RetryProps,
  type StateMachine,
  Succeed,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { CallAwsService } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { PipelineStateMachine } from '../kit/pipeline-state-machine';
import { AlertTask } from '../processing/alert-task';
import type { Replication } from './replication';

export interface KeeperProps {
  readonly name: string;
  readonly replication: Pick<Replication, 'taskArn' | 'instanceArn' | 'endpointArns'>;
  readonly alertTopic: ITopic;
  /** Key of log, schedule and topic. */
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/** How soon a failed task goes on. */
const EVERY = Duration.minutes(15);

/** The API is throttled, or the task is about to change its state. */
const AGAIN: RetryProps = {
  errors: ['States.TaskFailed', 'States.Timeout'],
  interval: Duration.seconds(20),
  maxAttempts: 3,
  backoffRate: 2,
  jitterStrategy: JitterType.FULL,
};

/** DMS starts a task only after the tests of both connections, which take a minute or two. */
const WHILE_TESTED: RetryProps = { ...AGAIN, interval: Duration.seconds(30), maxAttempts: 8, backoffRate: 1 };

const TASK_TIMEOUT = Timeout.duration(Duration.minutes(1));

/**
 * Starts the task once it is there, which no template can, and makes it go on after a failure: the slot keeps the log meanwhile, and
 * fills the database's disk. One that somebody has stopped stays stopped.
 */
export class Keeper extends Construct {
  readonly stateMachine: StateMachine;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: KeeperProps,
  ) {
    super(scope, id);
    const { name, encryptionKey } = props;
    this.stateMachine = new PipelineStateMachine(this, 'StateMachine', {
      stateMachineName: name,
      comment: 'Starts the task of change capture, and makes it go on after a failure.',
      definition: this.definition(),
      timeout: EVERY,
      invokesFunctions: false,
      encryptionKey,
      logRetentionDays: props.logRetentionDays,
    });
    new Schedule(this, 'Schedule', {
      scheduleName: name,
      description: 'Looks after the task of change capture',
      schedule: ScheduleExpression.rate(EVERY),
      target: new StepFunctionsStartExecution(this.stateMachine, {
        input: ScheduleTargetInput.fromObject({}),
        maxEventAge: EVERY,
        retryAttempts: 3,
      }),
      key: encryptionKey,
    });
  }

  private definition(): IChainable {
    const { taskArn } = this.props.replication;
    const describe = CallAwsService.jsonata(this, 'Look at the task', {
      service: 'databasemigration',
      action: 'describeReplicationTasks',
      parameters: { Filters: [{ Name: 'replication-task-arn', Values: [taskArn] }], WithoutSettings: true },
      iamAction: 'dms:DescribeReplicationTasks',
      iamResources: ['*'],
      assign: { task: '{% $states.result.ReplicationTasks[0] %}' },
      taskTimeout: TASK_TIMEOUT,
    });
    describe.addRetry(AGAIN);
    const nothing = Succeed.jsonata(this, 'Nothing to do', { comment: 'It runs, or somebody has stopped it.' });
    const choice = Choice.jsonata(this, 'How is it?')
      .when(Condition.jsonata("{% $task.Status = 'ready' %}"), this.begin())
      .when(Condition.jsonata("{% $task.Status = 'failed' %}"), this.goOn())
      .otherwise(nothing);
    return describe.next(choice);
  }

  /** "Testing source and target endpoints", AWS DMS User Guide. */
  private begin(): IChainable {
    const { database, bucket } = this.props.replication.endpointArns;
    return this.test('Test the connection to the database', database)
      .next(this.test('Test the connection to the bucket', bucket))
      .next(this.start('Start it', 'start-replication', WHILE_TESTED));
  }

  private goOn(): IChainable {
    const alert = new AlertTask(this, 'Alert on-call', {
      comment: 'Says why it had failed.',
      topic: this.props.alertTopic,
      alert: '$alert',
      taskTimeout: TASK_TIMEOUT,
    });
    const resumed = this.start('Make it go on', 'resume-processing', AGAIN, { alert: ALERT });
    return resumed.next(alert);
  }

  private test(id: string, endpointArn: string): CallAwsService {
    const { instanceArn } = this.props.replication;
    const state = CallAwsService.jsonata(this, id, {
      service: 'databasemigration',
      action: 'testConnection',
      parameters: { ReplicationInstanceArn: instanceArn, EndpointArn: endpointArn },
      iamAction: 'dms:TestConnection',
      iamResources: [instanceArn, endpointArn],
      taskTimeout: TASK_TIMEOUT,
    });
    state.addRetry(AGAIN);
    return state;
  }

  private start(id: string, type: string, retry: RetryProps, assign?: Record<string, unknown>): CallAwsService {
    const { taskArn } = this.props.replication;
    const state = CallAwsService.jsonata(this, id, {
      service: 'databasemigration',
      action: 'startReplicationTask',
      parameters: { ReplicationTaskArn: taskArn, StartReplicationTaskType: type },
      iamAction: 'dms:StartReplicationTask',
      iamResources: [taskArn],
      ...(assign && { assign }),
      taskTimeout: TASK_TIMEOUT,
    });
    state.addRetry(retry);
    return state;
  }
}

/** Nothing of a row is in it: DMS names the table and the error. */
const ALERT = {
  subject: 'Change capture had failed',
  message:
    '{% "The task " & $task.ReplicationTaskIdentifier & " had failed, and goes on where it was: " & $task.LastFailureMessage & "\\n\\nNothing is lost: the slot keeps what was not stored, and fills the disk of the database meanwhile.\\nIf this comes again: docs/change-capture.md says what to do." %}',
};
