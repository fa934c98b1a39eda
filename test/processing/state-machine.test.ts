import { describe, expect, it } from 'vitest';
import { flat, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

interface State {
  readonly Type: string;
  readonly Comment?: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Condition: string; readonly Next: string }[];
  readonly Retry?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly JitterStrategy?: string;
    readonly BackoffRate: number;
    readonly MaxAttempts: number;
    readonly IntervalSeconds: number;
    readonly MaxDelaySeconds: number;
  }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly TimeoutSeconds?: number;
  readonly Resource?: string;
  readonly Arguments?: Record<string, unknown>;
  readonly Output?: string;
  readonly Error?: string;
}

const config = configuration({
  glue: { timeoutMinutes: 30, queueMinutes: 20 },
  stateMachine: { timeoutMinutes: 200 },
});
const { processing } = synthesise(config);

function onlyResource(type: string) {
  const [resource, ...more] = Object.values(processing.findResources(type));
  expect(more).toEqual([]);
  return resource as { Properties: Record<string, unknown> };
}

const { Properties: machine } = onlyResource('AWS::StepFunctions::StateMachine');
const definition = JSON.parse(flat(machine.DefinitionString)) as {
  StartAt: string;
  States: Record<string, State>;
  TimeoutSeconds: number;
  QueryLanguage: string;
};

function state(name: string): State {
  const found = definition.States[name];
  if (found === undefined) throw new Error(`There is no state ${name}`);
  return found;
}

const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === 'Task');
const work = [
  'Register files',
  'Clean reviews',
  'Flatten reviews',
  'Record outcome',
  'Alert on failed files',
  'Announce published reviews',
];
const failure = ['Record failure', 'Alert on-call'];

describe('the path of a batch', () => {
  it('goes from registering to the announcement, one state after the other', () => {
    expect(definition.StartAt).toBe('Register files');
    expect(state('Register files').Next).toBe('Anything new?');
    expect(state('Anything new?').Choices).toEqual([
      { Condition: '{% $states.input.fileCount > 0 %}', Next: 'Clean reviews' },
    ]);
    expect(state('Clean reviews').Next).toBe('Flatten reviews');
    expect(state('Flatten reviews').Next).toBe('Record outcome');
    expect(state('Record outcome').Next).toBe('Any file failed?');
    expect(state('Any file failed?').Default).toBe('Anything published?');
    expect(state('Anything published?').Choices).toEqual([
      {
        Condition: '{% $states.input.records.published + $states.input.records.deleted > 0 %}',
        Next: 'Announce published reviews',
      },
    ]);
    expect(state('Announce published reviews').Next).toBe('Reviews published');
  });

  it('succeeds where nothing is new or nothing is published', () => {
    for (const choice of ['Anything new?', 'Anything published?']) {
      expect(state(state(choice).Default ?? '').Type).toBe('Succeed');
    }
  });

  it('waits for each job and gives it the manifest of the batch', () => {
    for (const job of ['Clean reviews', 'Flatten reviews']) {
      expect(state(job).Resource).toMatch(/:states:::glue:startJobRun\.sync$/);
      expect(state(job).Arguments).toMatchObject({ Arguments: { '--manifest': '{% $states.input.batch.manifest %}' } });
    }
  });

  it('hands the input to register-files untouched, with the execution it belongs to', () => {
    expect(state('Register files').Arguments).toMatchObject({
      Payload: {
        execution: {
          arn: '{% $states.context.Execution.Id %}',
          startTime: '{% $states.context.Execution.StartTime %}',
        },
        input: '{% $states.input %}',
      },
    });
  });

  it('hands record-outcome the run time of each job, which the state of the job has kept', () => {
    expect(state('Record outcome').Arguments).toMatchObject({
      Payload: {
        jobSeconds: { clean: '{% $states.input.clean.seconds %}', flatten: '{% $states.input.flatten.seconds %}' },
      },
    });
    expect(state('Clean reviews').Output).toContain(
      '"clean": {"jobRunId": $states.result.Id, "seconds": $states.result.ExecutionTime}',
    );
  });

  it('announces on the default event bus what Record outcome has found', () => {
    expect(state('Announce published reviews').Arguments).toEqual({
      Entries: [
        {
          Source: 'review-pipeline',
          DetailType: 'Reviews Published',
          Detail: '{% $merge([$states.input, {"executionArn": $states.context.Execution.Id}]) %}',
        },
      ],
    });
  });
});

describe('files that failed alone', () => {
  it('are alerted, and the batch goes on as it would without them', () => {
    expect(state('Any file failed?').Choices).toEqual([
      { Condition: '{% $exists($states.input.alert) %}', Next: 'Alert on failed files' },
    ]);
    expect(state('Alert on failed files').Next).toBe('Anything published?');
  });

  it('are alerted in the words of record-outcome, to those who hear of failed executions', () => {
    expect(state('Alert on failed files').Arguments).toMatchObject({
      Subject: '{% $states.input.alert.subject %}',
      Message: '{% $states.input.alert.message %}',
      TopicArn: state('Alert on-call').Arguments?.TopicArn,
    });
  });

  it('leave no alert in what is announced', () => {
    expect(state('Alert on failed files').Output).toBe(
      '{% $sift($states.input, function($value, $name) { $name != "alert" }) %}',
    );
  });
});

describe('a failure', () => {
  it.each(work)('of %s is recorded, whatever it is', (name) => {
    expect(state(name).Catch).toEqual([
      expect.objectContaining({ ErrorEquals: ['States.ALL'], Next: 'Record failure' }),
    ]);
  });

  it('is recorded, then alerted, then ends the execution with its own error', () => {
    expect(state('Record failure').Next).toBe('Alert on-call');
    expect(state('Alert on-call').Next).toBe('Failed');
    expect(state('Failed')).toMatchObject({
      Type: 'Fail',
      Error: '{% $failure.Error %}',
      Cause: '{% $failure.Cause %}',
    });
  });

  it('is alerted even if it cannot be recorded, and fails the execution even if it cannot be alerted', () => {
    expect(state('Record failure').Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Alert on-call' }]);
    expect(state('Alert on-call').Catch).toMatchObject([{ ErrorEquals: ['States.ALL'], Next: 'Failed' }]);
  });
});

describe('every task', () => {
  it('is one of the path or of its failure', () => {
    expect(tasks.map(([name]) => name).sort()).toEqual([...work, ...failure].sort());
  });

  it.each(tasks)('%s tries again with backoff and jitter, and only what passes by itself', (_name, { Retry = [] }) => {
    expect(Retry.length).toBeGreaterThan(0);
    for (const retry of Retry) {
      expect(retry).toMatchObject({ BackoffRate: 2, JitterStrategy: 'FULL' });
      const blind = ['States.ALL', 'States.TaskFailed', 'States.Timeout'];
      expect(retry.ErrorEquals.filter((error) => blind.includes(error))).toEqual([]);
      // A function that ran out of time or memory does so again if the batch is the reason.
      if (retry.ErrorEquals.includes('Lambda.Unknown')) expect(retry.MaxAttempts).toBe(1);
    }
  });

  it.each(tasks)('%s tries again on the base name of its service, under which throttling arrives', (name, task) => {
    const service = task.Resource?.match(/:states:::(\w+):/)?.[1] ?? '';
    const baseNames: Record<string, string> = {
      lambda: 'Lambda.TooManyRequestsException',
      glue: 'Glue.AWSGlueException',
      events: 'EventBridge.AmazonEventBridgeException',
      sns: 'SNS.AmazonSNSException',
    };
    expect(
      task.Retry?.flatMap(({ ErrorEquals }) => ErrorEquals),
      name,
    ).toContain(baseNames[service]);
  });

  it.each(['Register files', 'Record outcome', 'Record failure'])(
    '%s tries once more where the process of its function was killed',
    (name) => {
      const retries = state(name).Retry?.filter(({ ErrorEquals }) => ErrorEquals.includes('Runtime.ExitError'));
      expect(retries).toMatchObject([{ MaxAttempts: 1 }]);
    },
  );

  it.each(tasks)('%s outlasts a throttled burst of ten minutes where it starts a job or a function', (_name, task) => {
    const throttling = ['Glue.AWSGlueException', 'Lambda.TooManyRequestsException'];
    for (const retry of task.Retry?.filter(({ ErrorEquals }) => ErrorEquals.some((e) => throttling.includes(e))) ??
      []) {
      const waits = Array.from({ length: retry.MaxAttempts }, (_, attempt) =>
        Math.min(retry.IntervalSeconds * retry.BackoffRate ** attempt, retry.MaxDelaySeconds),
      );
      // Full jitter halves each wait on average.
      expect(waits.reduce((sum, wait) => sum + wait) / 2).toBeGreaterThan(600);
    }
  });

  it.each(tasks)('%s gives its service no argument that is null', (_name, task) => {
    expect(Object.entries(task.Arguments ?? {}).filter(([, value]) => value === null)).toEqual([]);
  });

  it('that is a job lets its run wait for room, for the setting of a run replaces that of its job', () => {
    for (const job of ['Clean reviews', 'Flatten reviews']) {
      expect(state(job).Arguments).toHaveProperty('JobRunQueuingEnabled', true);
    }
  });

  it('that is a job waits for room in Glue', () => {
    for (const job of ['Clean reviews', 'Flatten reviews']) {
      const errors = state(job).Retry?.flatMap(({ ErrorEquals }) => ErrorEquals);
      expect(errors).toEqual(
        expect.arrayContaining(['Glue.ConcurrentRunsExceededException', 'Glue.ResourceNumberLimitExceededException']),
      );
    }
  });

  it('has a timeout, all of which fit into the one of the execution', () => {
    const seconds = tasks.map(([name, { TimeoutSeconds }]) => {
      expect(TimeoutSeconds, name).toBeGreaterThan(0);
      return TimeoutSeconds ?? 0;
    });
    expect(definition.TimeoutSeconds).toBe(200 * 60);
    expect(seconds.reduce((sum, each) => sum + each)).toBeLessThan(definition.TimeoutSeconds);
  });

  it('that is a job outlasts the run and its waiting, and leaves the run its own timeout', () => {
    for (const job of ['Clean reviews', 'Flatten reviews']) {
      expect(state(job).TimeoutSeconds).toBeGreaterThan((30 + 20) * 60);
      expect(state(job).Arguments).not.toHaveProperty('Timeout');
    }
  });
});

describe('in the console', () => {
  it.each(Object.entries(definition.States))('%s says what it does', (_name, { Comment }) => {
    expect(Comment).toMatch(/\w+ .*\.$/);
  });

  it('executions are logged whole, encrypted, and traced', () => {
    expect(machine).toMatchObject({
      StateMachineName: 'reviews-test-intake',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
      TracingConfiguration: { Enabled: true },
    });
    processing.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/vendedlogs/states/reviews-test-intake',
      RetentionInDays: 90,
    });
  });
});

describe('the role of the state machine', () => {
  it('may do no more than its states do', () => {
    const actions = statementsOf(processing, 'ReviewsStateMachineRole')
      .filter(({ resources }) => !resources.includes('*'))
      .flatMap((statement) => statement.actions);
    expect([...new Set(actions)].sort()).toEqual([
      'events:PutEvents',
      'glue:BatchStopJobRun',
      'glue:GetJobRun',
      'glue:GetJobRuns',
      'glue:StartJobRun',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'lambda:InvokeFunction',
      'sns:Publish',
    ]);
  });
});
