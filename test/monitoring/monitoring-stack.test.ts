import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../lib/config/settings';
import { flat } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const alarms = { failedExecutions: 2, deadLetters: 3, queueAgeSeconds: 600, functionErrors: 4 };
const single = synthesise(configuration({ alarms, intake: { mode: 'single' } })).monitoring;
const batched = synthesise(configuration({ alarms, intake: { mode: 'batched' } })).monitoring;

const ALWAYS = [
  'aborted-executions',
  'clean-reviews-memory',
  'clean-reviews-run-time',
  'failed-executions',
  'flatten-reviews-memory',
  'flatten-reviews-run-time',
  'intake-dead-letters',
  'object-created-failed-invocations',
  'processing-dead-letters',
  'record-failure-errors',
  'record-failure-throttles',
  'record-outcome-errors',
  'record-outcome-throttles',
  'register-files-errors',
  'register-files-throttles',
  'rejected-records',
  'timed-out-executions',
];

const namesIn = (template: typeof single) =>
  Object.values(template.findResources('AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => String(Properties.AlarmName).replace('reviews-test-', ''))
    .sort();

describe('the alarms of the pipeline', () => {
  it('watch executions, dead letters and functions', () => {
    expect(namesIn(single)).toEqual(ALWAYS);
  });

  it('watch the queue and its function too where files wait for a batch', () => {
    expect(namesIn(batched)).toEqual(
      [...ALWAYS, 'intake-queue-age', 'start-batch-errors', 'start-batch-throttles'].sort(),
    );
  });

  it.each([
    ['failed-executions', 2],
    ['timed-out-executions', 2],
    ['aborted-executions', 2],
    ['intake-dead-letters', 3],
    ['intake-queue-age', 600],
    ['register-files-errors', 4],
    ['register-files-throttles', 4],
    ['object-created-failed-invocations', 1],
  ])('%s fires at the threshold of the settings', (name, threshold) => {
    batched.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `reviews-test-${name}`,
      Threshold: threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
  });

  it('all say what to do', () => {
    batched.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmDescription: Match.stringLikeRegexp(': ') });
  });

  it('all notify the people on call, except for failures that have an alert of their own', () => {
    const silent = Object.values(batched.findResources('AWS::CloudWatch::Alarm'))
      .filter(({ Properties }) => Properties.AlarmActions === undefined)
      .map(({ Properties }) => String(Properties.AlarmName).replace('reviews-test-', ''));
    expect(silent.sort()).toEqual(['aborted-executions', 'failed-executions', 'timed-out-executions']);
  });

  it('watch the rule that every file passes', () => {
    batched.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: 'reviews-test-object-created' }],
    });
  });
});

describe('the alarm on files that are on their way for too long', () => {
  const watched = synthesise(configuration({ alarms: { processingMinutes: 90 } }));

  it('comes from a look at the ledger every five minutes', () => {
    watched.processing.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(5 minutes)' });
    watched.processing.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'reviews-test-watch-ledger',
      Environment: { Variables: Match.objectLike({ PROCESSING_MINUTES: '90' }) },
    });
    watched.processing.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ $.lingeringFiles >= 0 }',
      MetricTransformations: [
        {
          MetricNamespace: 'ReviewPipeline/reviews-test',
          MetricName: 'lingeringFiles',
          MetricValue: '$.lingeringFiles',
        },
      ],
    });
    watched.monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'reviews-test-lingering-files',
      Namespace: 'ReviewPipeline/reviews-test',
      MetricName: 'lingeringFiles',
      Threshold: 1,
    });
  });

  it('is off by default', () => {
    expect(namesIn(single)).not.toContain('lingering-files');
  });
});

describe('the dashboard', () => {
  it('exists once, with the name of the environment', () => {
    single.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
    single.hasResourceProperties('AWS::CloudWatch::Dashboard', {
      DashboardName: { 'Fn::Join': ['', ['reviews-test-', { Ref: 'AWS::Region' }]] },
    });
  });

  const { connectors, changeCapture, streams } = loadSettings('example');
  const fetching = synthesise(configuration({ connectors, changeCapture, streams })).monitoring;

  /** Widgets of a dashboard: their titles, and their metrics as namespace, name and dimensions. */
  const widgetsIn = (template: typeof single) => {
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const { widgets } = JSON.parse(flat(dashboard?.Properties.DashboardBody)) as {
      widgets: { properties: { title?: string; markdown?: string; metrics?: unknown[][] } }[];
    };
    return widgets.map(({ properties: { title, markdown, metrics = [] } }) => ({
      title: title ?? markdown,
      metrics: metrics.map((metric) => metric.filter((part) => typeof part === 'string').join(' ')),
    }));
  };

  it('shows what every alarm on connectors, change capture and streams watches', () => {
    const shown = widgetsIn(fetching).flatMap(({ metrics }) => metrics);
    const alarmed = Object.values(fetching.findResources('AWS::CloudWatch::Alarm')).filter(({ Properties }) =>
      /^reviews-test-(connector|change-capture|stream)-/.test(Properties.AlarmName),
    );
    const watched = alarmed.map(({ Properties: { Namespace, MetricName, Dimensions } }) =>
      [
        Namespace,
        MetricName,
        ...Dimensions.flatMap(({ Name, Value }: Record<string, unknown>) => [Name, flat(Value)]),
      ].join(' '),
    );
    expect(watched).toHaveLength(2 * connectors.length + 5 + 3 * streams.length);
    expect(watched.filter((metric) => !shown.includes(metric))).toEqual([]);
  });

  it('has no empty row where there is nothing of the kind', () => {
    const titles = widgetsIn(single).map(({ title }) => title);
    expect(titles).toContain('## 1 Raw: files arrive');
    expect(titles.filter((title) => /Connectors|Change capture|Streams/.test(title ?? ''))).toEqual([]);
  });
});
