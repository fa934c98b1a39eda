import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../lib/contracts/metrics';
import { ROOT } from '../../local/paths';

const read = (path: string): string => readFileSync(join(ROOT, 'docs', path), 'utf8');
const namesIn = (text: string): string[] => [...new Set(text.match(/\breviews_[a-z_]+/g))].sort();

/** Metrics that the exposition has, by its source: a deployment would be needed to see them all. */
const exposed = namesIn(readFileSync(join(ROOT, 'operator/metrics-text.ts'), 'utf8'));
// The name of the DAG begins in the same way.
const isMetric = (name: string): boolean => name !== 'reviews_dbt';

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
    for (const metric of Object.values(METRICS)) expect(read('monitoring.md')).toContain(`\`${metric}\``);
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
