import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { type Configuration, loadSettings } from '../../lib/config/settings';
import { METRICS, STREAM_METRICS } from '../../lib/contracts/metrics';
import { sourceAlarms } from '../../lib/monitoring/data-alarms';
import { ROOT } from '../../local/paths';
import { orchestrationSettings } from '../support/orchestration';
import { configuration, synthesise } from '../support/synthesised';

const read = (path: string): string => readFileSync(join(ROOT, 'docs', path), 'utf8');
const namesIn = (text: string): string[] => [...new Set(text.match(/\breviews_[a-z_]+/g))].sort();

/** Metrics that the exposition has, by its source: a deployment would be needed to see them all. */
const exposed = namesIn(readFileSync(join(ROOT, 'operator/metrics-text.ts'), 'utf8'));
// The name of the DAG begins in the same way.
const isMetric = (name: string): boolean => name !== 'reviews_dbt';

/** Everything that has alarms. */
const everything = (): Configuration =>
  configuration({
    ...orchestrationSettings(),
    intake: { mode: 'batched' },
    alarms: { processingMinutes: 90 },
    compaction: {},
    connectors: ['steam-reviews'],
    changeCapture: loadSettings('example').changeCapture,
    streams: [
      {
        name: 'live',
        source: 'native',
        topic: 'reviews',
        deadLetterTopic: 'dead-letters',
        bootstrap: 'broker.example.com:9094',
        authentication: 'none',
      },
    ],
  });

/** Alarms on what fetches and follows sources. */
const sourceAlarmsDeployed = (): Record<string, unknown>[] =>
  Object.values(synthesise(everything()).monitoring.findResources('AWS::CloudWatch::Alarm'))
    .map(({ Properties }) => Properties as Record<string, unknown>)
    .filter(({ AlarmName }) => /^reviews-test-(connector|change-capture|stream)-/.test(String(AlarmName)));

/** Names of every alarm that an environment may have, without what they all begin with. */
function alarmNames(): string[] {
  const settings = everything();
  const { monitoring } = synthesise(settings);
  const ofSource = sourceAlarms(settings.settings.alarms, {
    service: 'reviews-test',
    sources: [{ source: 'yelp', expectations: { arrivesWithinHours: 24, rejectedPercent: 5 } }],
  });
  const deployed = Object.values(monitoring.findResources('AWS::CloudWatch::Alarm'));
  return [
    ...deployed.map(({ Properties }) => String(Properties.AlarmName).replace('reviews-test-', '')),
    ...Object.keys(ofSource),
  ];
}

/** Rows of the table of alarms in docs/operations.md: the names that each is about, and what to run. */
function alarmRows(): { names: RegExp[]; run: string }[] {
  const [, section = ''] = read('operations.md').split('| alarm | meaning | what to run |');
  const rows = section.slice(0, section.indexOf('\n\n')).split('\n').slice(2);
  return rows.map((row) => {
    const [, alarms = '', , run = ''] = row.split('|').map((cell) => cell.trim());
    // What the environment or a contract names stands in <brackets>, what several alarms begin with is left out.
    const names = [...alarms.matchAll(/`([^`]+)`/g)].map(
      ([, name = '']) => new RegExp(`^${name.replace(/<\w+>|…/g, '.+')}$`),
    );
    return { names, run };
  });
}

const promtool = await execa('promtool', ['--version'], { reject: false }).then(({ exitCode }) => exitCode === 0);

describe('what others monitor the platform with', () => {
  it.each(['monitoring/prometheus-rules.yml', 'monitoring/grafana-dashboard.json'])(
    '%s asks for metrics that exist',
    (file) => {
      const asked = namesIn(read(file)).filter(isMetric);
      expect(asked.length).toBeGreaterThan(3);
      expect(exposed).toEqual(expect.arrayContaining(asked));
    },
  );

  it('has a page that names every metric of CloudWatch', () => {
    for (const metric of [
      ...Object.values(METRICS),
      STREAM_METRICS.messages,
      STREAM_METRICS.deadLetters,
      STREAM_METRICS.lag,
    ])
      expect(read('monitoring.md')).toContain(`\`${metric}\``);
  });

  it('has a page that says of every alarm what to run first', () => {
    const rows = alarmRows();
    expect(rows.length).toBeGreaterThan(10);
    expect(rows.filter(({ names, run }) => names.length === 0 || !/`|\(runbook|Cost Explorer/.test(run))).toEqual([]);
    const known = rows.flatMap(({ names }) => names);
    const alarms = alarmNames();
    expect(alarms.filter((alarm) => !known.some((name) => name.test(alarm)))).toEqual([]);
    // The budget is none of CloudWatch's alarms.
    const gone = known.filter((name) => !alarms.some((alarm) => name.test(alarm)));
    expect(gone.map(({ source }) => source)).toEqual(['^.+-cost$']);
  });

  it('has alarms on connectors, change capture and streams to look for', () => {
    expect(sourceAlarmsDeployed()).toHaveLength(2 + 5 + 3);
  });

  it('has a page that names what alarms on connectors, change capture and streams watch', () => {
    for (const { MetricName } of sourceAlarmsDeployed()) expect(read('monitoring.md')).toContain(`\`${MetricName}\``);
  });

  it('has a runbook for every alarm on connectors, change capture and streams', () => {
    for (const { AlarmName } of sourceAlarmsDeployed()) {
      const name = String(AlarmName)
        .replace('reviews-test-', '')
        .replace('-steam-reviews-', '-<name>-')
        .replace('-live-', '-<name>-');
      expect(read('runbook.md')).toContain(`\`…-${name}\``);
    }
  });

  it.skipIf(!promtool)('passes the tests of its rules in the real promtool', async () => {
    const { exitCode, all } = await execa('promtool', ['test', 'rules', 'prometheus-rules.test.yml'], {
      cwd: join(ROOT, 'docs/monitoring'),
      reject: false,
      all: true,
    });
    expect(exitCode, all).toBe(0);
  });
});
