import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { JOB_METRICS, METRIC_DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../lib/contracts/metrics';
import { orchestrationContract } from '../../lib/contracts/orchestration';
import { sourceAlarms } from '../../lib/monitoring/data-alarms';
import { configuration, synthesise } from '../support/synthesised';

const thresholds = configuration().settings.alarms;
const DESTINATION = 'arn:aws:logs:eu-central-1:123456789012:destination:search';

const whole = synthesise(
  configuration({
    alertEmails: ['on-call@example.com'],
    tags: { application: 'review-pipeline' },
    alarms: { dailyCostUsd: 25, glueMinutes: 12, presentationHours: 30, rejectedPercent: 15 },
    logs: { shipTo: DESTINATION },
    warehouse: { secretName: 'reviews/test/snowflake', compute: {} },
    orchestration: { network: { mode: 'new', availabilityZones: ['us-east-1a', 'us-east-1b'] } },
  }),
);
const plain = synthesise();

describe('alarms on what sources send', () => {
  const alarms = sourceAlarms(thresholds, {
    service: 'reviews-test',
    sources: [
      { source: 'yelp', expectations: { arrivesWithinHours: 24, rejectedPercent: 5 } },
      { source: 'native', expectations: {} },
    ],
  });

  it('follow the expectations of a contract, and watch all others together', () => {
    expect(Object.keys(alarms).sort()).toEqual(['rejected-records', 'yelp-arrivals', 'yelp-rejected-records']);
    expect(alarms['yelp-arrivals']).toMatchObject({ threshold: 1, expectedWithinPeriods: 24 });
    expect(alarms['yelp-rejected-records']?.threshold).toBe(5);
  });

  it('leave a source with a threshold of its own out of what watches the others', () => {
    expect(alarms['rejected-records']?.metric).toMatchObject({
      expression: expect.stringMatching(
        `MAX\\(${METRICS.rejectedPercent}\\).* service = 'reviews-test' AND "source" != 'yelp'$`,
      ),
    });
  });
});

describe('the monitoring of a whole environment', () => {
  it.each([
    ['rejected-records', { Threshold: 15, TreatMissingData: 'notBreaching' }],
    [
      'clean-reviews-run-time',
      {
        Threshold: 12 * 60,
        Statistic: 'Maximum',
        Namespace: METRICS_NAMESPACE,
        MetricName: JOB_METRICS.seconds,
        Dimensions: [
          { Name: 'job', Value: 'clean' },
          { Name: 'service', Value: 'reviews-test' },
        ],
      },
    ],
    [
      'flatten-reviews-memory',
      {
        // 85 percent of a G.1X.
        Threshold: 0.85 * 16 * 1024 ** 3,
        Statistic: 'Maximum',
        MetricName: JOB_METRICS.memory,
        Dimensions: [
          { Name: 'job', Value: 'flatten' },
          { Name: 'service', Value: 'reviews-test' },
        ],
      },
    ],
    [
      'arrival-to-queryable',
      {
        Threshold: 180 * 60,
        Metrics: [
          Match.objectLike({
            Expression: Match.stringLikeRegexp(`MAX\\(${orchestrationContract.queryableMetric}\\).+ = 'reviews-test'$`),
          }),
        ],
      },
    ],
    [
      'late-batches',
      {
        Namespace: METRICS_NAMESPACE,
        MetricName: orchestrationContract.lateBatchesMetric,
        Dimensions: [{ Name: METRIC_DIMENSIONS.environment, Value: 'reviews-test' }],
        Threshold: 1,
        TreatMissingData: 'ignore',
        AlarmActions: Match.anyValue(),
      },
    ],
    [
      'presentation-freshness',
      {
        Namespace: 'AmazonMWAA',
        EvaluationPeriods: 30,
        Period: 3600,
        ComparisonOperator: 'LessThanThreshold',
        TreatMissingData: 'breaching',
      },
    ],
  ])('has the alarm %s', (name, properties) => {
    whole.monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `reviews-test-${name}`,
      ...properties,
    });
  });

  it('names with each alarm the command to run first', () => {
    const alarms = Object.values(whole.monitoring.findResources('AWS::CloudWatch::Alarm'));
    expect(alarms.length).toBeGreaterThan(20);
    for (const { Properties } of alarms) {
      expect(Properties.AlarmDescription, Properties.AlarmName).toMatch(
        /npm run reviews -- --env NAME (files|reconcile|redrive-dlq|replay|status)\b/,
      );
    }
  });

  it('looks at most seven days back: CloudWatch evaluates no more', () => {
    for (const { Properties } of Object.values(whole.monitoring.findResources('AWS::CloudWatch::Alarm'))) {
      expect((Properties.Period ?? 300) * Properties.EvaluationPeriods).toBeLessThanOrEqual(7 * 86_400);
    }
  });

  it('writes to people when a day costs too much, where the settings say how much that is', () => {
    whole.monitoring.hasResourceProperties('AWS::Budgets::Budget', {
      Budget: {
        BudgetType: 'COST',
        TimeUnit: 'DAILY',
        BudgetLimit: { Amount: 25, Unit: 'USD' },
        CostFilters: { TagKeyValue: ['user:application$review-pipeline'] },
      },
      NotificationsWithSubscribers: [
        Match.objectLike({ Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'on-call@example.com' }] }),
      ],
    });
    plain.monitoring.resourceCountIs('AWS::Budgets::Budget', 0);
  });

  it('refuses a guard of cost that writes to nobody', () => {
    expect(() => configuration({ alarms: { dailyCostUsd: 1 } })).toThrow('expected alertEmails');
  });

  it('saves the queries that follow one file and one batch through the logs of all functions', () => {
    for (const name of ['one file', 'one batch or execution', 'errors and warnings']) {
      plain.monitoring.hasResourceProperties('AWS::Logs::QueryDefinition', {
        Name: `reviews-test/${name}`,
        QueryString: Match.stringLikeRegexp('sort @timestamp asc'),
      });
    }
  });

  it('ships every log group where the settings say so, and none where they do not', () => {
    const { processing, intake, orchestration, warehouse } = whole;
    for (const template of [processing, intake, orchestration, warehouse].filter((found) => found !== undefined)) {
      const groups = Object.keys(template.findResources('AWS::Logs::LogGroup'));
      template.resourceCountIs('AWS::Logs::SubscriptionFilter', groups.length);
    }
    processing.hasResourceProperties('AWS::Logs::SubscriptionFilter', {
      DestinationArn: DESTINATION,
      FilterPattern: '',
    });
    plain.processing.resourceCountIs('AWS::Logs::SubscriptionFilter', 0);
  });

  it('draws a dashboard that reads like the flow', () => {
    const [dashboard] = Object.values(whole.monitoring.findResources('AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard?.Properties.DashboardBody);
    const order = ['1 Raw', '2 Executions', '3 Clean and flatten', '4 Published', 'could not be delivered'];
    const places = order.map((title) => body.indexOf(title));
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
  });
});
