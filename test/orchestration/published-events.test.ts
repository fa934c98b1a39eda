import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { only, orchestrationSettings, orchestrationTemplate } from '../support/orchestration';
import { flat, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const template = orchestrationTemplate(
  { events: { deliveryDelaySeconds: 45, batchingWindowSeconds: 20, retrySeconds: 200, attempts: 30 } },
  { functions: { notifyAirflow: { timeoutSeconds: 30 } } },
);
const queue = { 'Fn::GetAtt': [Match.stringLikeRegexp('^PublishedEventsQueue'), 'Arn'] };
const deadLetters = { 'Fn::GetAtt': [Match.stringLikeRegexp('^PublishedEventsDeadLetters'), 'Arn'] };

describe('the rule for published events', () => {
  const { EventPattern: pattern } = only<{ EventPattern: { detail: { executionArn: { prefix: unknown }[] } } }>(
    template,
    'AWS::Events::Rule',
  ).properties;

  it('matches announcements that say that something was published', () => {
    expect(pattern).toMatchObject({
      source: ['review-pipeline'],
      'detail-type': ['Reviews Published'],
      detail: { records: { published: [{ numeric: ['>', 0] }] } },
    });
  });

  it('does not match those of another environment in the account', () => {
    expect(pattern.detail.executionArn.map(({ prefix }) => flat(prefix))).toEqual([
      expect.stringMatching(/:states:<AWS::Region>:<AWS::AccountId>:execution:reviews-test-intake:$/),
    ]);
  });

  it('delivers to the queue for as long as EventBridge can, then to the dead letters', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [
        {
          Arn: queue,
          DeadLetterConfig: { Arn: deadLetters },
          RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
          InputTransformer: Match.absent(),
        },
      ],
    });
  });
});

describe('the queue of published events', () => {
  it('gives Snowflake time to see the files, and lets failures rest by the settings', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'reviews-test-published',
      DelaySeconds: 45,
      VisibilityTimeout: 200,
      MessageRetentionPeriod: 14 * 86_400,
      KmsMasterKeyId: Match.anyValue(),
      RedrivePolicy: { deadLetterTargetArn: deadLetters, maxReceiveCount: 30 },
    });
  });

  it('outlasts a day without Airflow by default', () => {
    const { settings } = configuration(orchestrationSettings());
    const { attempts, retrySeconds, batchingWindowSeconds } = settings.orchestration?.events ?? {
      attempts: 0,
      retrySeconds: 0,
      batchingWindowSeconds: 0,
    };
    expect(attempts * retrySeconds).toBeGreaterThanOrEqual(86_400);
    expect(retrySeconds).toBeGreaterThanOrEqual(
      6 * settings.functions.notifyAirflow.timeoutSeconds + batchingWindowSeconds,
    );
  });

  it('hands what it could not deliver to an encrypted queue that keeps it for 14 days', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'reviews-test-orchestration-dead-letters',
      MessageRetentionPeriod: 14 * 86_400,
      KmsMasterKeyId: Match.anyValue(),
    });
    template.hasOutput('OrchestrationDeadLetterQueueUrl', {});
  });
});

describe('the function notify-airflow', () => {
  it('is called for a window of messages, and as seldom at a time as a mapping allows', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: queue,
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 20,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-notify-airflow',
      // An account with a low limit has nothing to reserve.
      ReservedConcurrentExecutions: Match.absent(),
      Timeout: 30,
      Environment: { Variables: Match.objectLike({ AIRFLOW_ENVIRONMENT: 'reviews-test-airflow' }) },
    });
  });

  it('takes no more messages than SQS hands out at once where there is no window', () => {
    orchestrationTemplate({ events: { batchingWindowSeconds: 0 } }).hasResourceProperties(
      'AWS::Lambda::EventSourceMapping',
      { BatchSize: 10, MaximumBatchingWindowInSeconds: 0 },
    );
  });

  it('may call the API of this environment in the role Op, take from its queue, and log', () => {
    const statements = statementsOf(template, 'PublishedEventsNotifyAirflowRole');
    const may = (action: string) =>
      statements.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => resources);
    expect(may('airflow:InvokeRestApi')).toEqual([expect.stringMatching(/:role\/reviews-test-airflow\/Op$/)]);
    expect(may('sqs:ReceiveMessage')).toEqual([expect.stringMatching(/^<PublishedEventsQueue/)]);
    const services = statements.flatMap(({ actions }) => actions.map((action) => action.split(':')[0]));
    expect([...new Set(services)].sort()).toEqual(['airflow', 'ec2', 'kms', 'logs', 'sqs', 'xray']);
  });
});

describe('the alarms of Airflow', () => {
  const { monitoring } = synthesise(
    configuration({ ...orchestrationSettings(), alarms: { deadLetters: 2, publishedQueueAgeSeconds: 1200 } }),
  );

  it.each([
    ['orchestration-dead-letters', 2, 'ApproximateNumberOfMessagesVisible'],
    ['published-queue-age', 1200, 'ApproximateAgeOfOldestMessage'],
    ['notify-airflow-errors', 1, 'Errors'],
  ])('%s calls the people on call from %d on', (name, threshold, metric) => {
    monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `reviews-test-${name}`,
      Threshold: threshold,
      MetricName: metric,
      AlarmActions: [Match.anyValue()],
    });
  });

  it('are not there where Airflow is not', () => {
    const names = Object.values(synthesise().monitoring.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) =>
      String(Properties.AlarmName),
    );
    expect(names.filter((name) => /airflow|published|orchestration/.test(name))).toEqual([]);
  });
});
