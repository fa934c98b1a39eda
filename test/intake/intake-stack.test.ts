import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { flat, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const single = synthesise(configuration({ intake: { mode: 'single' } })).intake;
const batched = synthesise(
  configuration({
    intake: { mode: 'batched', windowSeconds: 45, maximumFiles: 250, maximumConcurrency: 3 },
    functions: { startBatch: { timeoutSeconds: 20 } },
  }),
).intake;

const deadLetters = { 'Fn::GetAtt': [Match.stringLikeRegexp('^DeadLetters'), 'Arn'] };

describe.each([
  ['single', single],
  ['batched', batched],
])('the intake rule, mode %s', (_mode, template) => {
  it('matches every object created under reviews/ in the raw bucket, and nothing else', () => {
    template.resourceCountIs('AWS::Events::Rule', 1);
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [Match.anyValue()] }, object: { key: [{ prefix: 'reviews/' }] } },
      },
    });
  });

  it('passes the event as it is: a transformer would break on a quote in a key', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [{ Input: Match.absent(), InputPath: Match.absent(), InputTransformer: Match.absent() }],
    });
  });

  it('tries for as long as EventBridge can, then keeps the event as a dead letter', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [
        {
          RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
          DeadLetterConfig: { Arn: deadLetters },
        },
      ],
    });
  });

  it('has a dead-letter queue that is encrypted and keeps messages for 14 days', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'reviews-test-intake-dead-letters',
      MessageRetentionPeriod: 14 * 86_400,
      KmsMasterKeyId: Match.anyValue(),
    });
    template.hasOutput('IntakeDeadLetterQueueUrl', {});
  });
});

describe('mode single', () => {
  it('starts one execution for each object', () => {
    single.resourceCountIs('AWS::Lambda::Function', 0);
    single.resourceCountIs('AWS::SQS::Queue', 1);
    const [rule] = Object.values(single.findResources('AWS::Events::Rule'));
    expect(flat(rule?.Properties.Targets[0].Arn)).toMatch(/StateMachine/);
    expect(statementsOf(single, 'StartExecutionRole')).toEqual([
      { effect: 'Allow', actions: ['states:StartExecution'], resources: [flat(rule?.Properties.Targets[0].Arn)] },
    ]);
    expect(Object.keys(single.findOutputs('*'))).not.toContain('IntakeQueueUrl');
  });
});

describe('mode batched', () => {
  it('gathers events in an encrypted queue, whose undeliverable messages go to the dead-letter queue', () => {
    batched.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'reviews-test-intake',
      KmsMasterKeyId: Match.anyValue(),
      RedrivePolicy: { deadLetterTargetArn: deadLetters, maxReceiveCount: 10 },
    });
    batched.hasOutput('IntakeQueueUrl', {});
  });

  it('hides a received message for longer than six calls of the function and the window take', () => {
    batched.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'reviews-test-intake',
      VisibilityTimeout: 6 * 20 + 45,
    });
  });

  it('calls start-batch with the window and the size of the settings, a few at a time, message by message', () => {
    batched.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 250,
      MaximumBatchingWindowInSeconds: 45,
      ScalingConfig: { MaximumConcurrency: 3 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('gives start-batch the state machine, its queue, one row beside the ledger, and no more', () => {
    batched.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-start-batch',
      Environment: {
        Variables: {
          NODE_OPTIONS: Match.anyValue(),
          STATE_MACHINE_ARN: Match.anyValue(),
          LEDGER_TABLE: Match.anyValue(),
          QUEUE_URL: Match.anyValue(),
          MAXIMUM_EXECUTIONS: '10',
          MAXIMUM_FILES: '250',
          MAXIMUM_FILE_BYTES: '107374182400',
          WAIT_SECONDS: '15',
        },
      },
    });
    const actions = statementsOf(batched, 'BatchingStartBatchRole').flatMap((statement) => statement.actions);
    expect([...new Set(actions)].sort()).toEqual([
      'dynamodb:GetItem',
      'dynamodb:UpdateItem',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
      'states:DescribeExecution',
      'states:StartExecution',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('lets start-batch touch no row of a file', () => {
    batched.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
            Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['running-executions'] } },
          }),
        ]),
      },
    });
  });
});

describe('mode single with a maximum of executions', () => {
  const bounded = synthesise(configuration({ intake: { mode: 'single', maximumExecutions: 4 } })).intake;

  it('has files wait in the queue, and starts one execution for each at once while fewer run', () => {
    bounded.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-start-batch',
      Environment: { Variables: { MAXIMUM_EXECUTIONS: '4', MAXIMUM_FILES: '1', WAIT_SECONDS: '15' } },
    });
    bounded.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    bounded.hasOutput('IntakeQueueUrl', {});
  });
});
