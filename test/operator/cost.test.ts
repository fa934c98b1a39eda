import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../lib/config/settings';
import { ROOT } from '../../local/paths';
import { cost } from '../../operator/commands/cost';
import { ASSUMED, MODES, monthlyCost, total } from '../../operator/costs/estimate';
import { priceTable } from '../../operator/costs/prices';

const load = { filesPerDay: 1000, mebibytesPerDay: 500 };
const page = readFileSync(join(ROOT, 'docs/costs.md'), 'utf8');

describe('the cost of a month', () => {
  it('is by far smaller in batches where many small files come', () => {
    const [single, batched] = MODES.map((mode) => monthlyCost(load, mode, loadSettings('dev')));
    expect(single?.Glue).toBeCloseTo(1000 * 30.4 * 4 * (0.44 / 60), 0);
    expect(batched?.Glue).toBeLessThanOrEqual(single?.Glue ?? 0);
    const day = { filesPerDay: 100_000, mebibytesPerDay: 1000 };
    expect(monthlyCost(day, 'batched', loadSettings('dev')).Glue).toBeLessThan(
      (monthlyCost(day, 'single', loadSettings('dev')).Glue ?? 0) / 50,
    );
  });

  it('falls in batches the more files come at once', () => {
    const glue = (dropsPerDay?: number) =>
      monthlyCost({ ...load, ...(dropsPerDay && { dropsPerDay }) }, 'batched', loadSettings('dev')).Glue ?? 0;
    expect(glue(24)).toBeLessThan(glue() / 20);
    expect(glue(1)).toBeLessThan(glue(24));
  });

  it('never falls where more comes, and is the same in both modes where nothing does', () => {
    const amount = fc.integer({ min: 0, max: 100_000 });
    const settings = loadSettings('local');
    fc.assert(
      fc.property(amount, amount, fc.constantFrom(...MODES), (files, mebibytes, mode) => {
        const less = total(monthlyCost({ filesPerDay: files, mebibytesPerDay: mebibytes }, mode, settings));
        const more = total(monthlyCost({ filesPerDay: files + 500, mebibytesPerDay: mebibytes + 500 }, mode, settings));
        expect(more).toBeGreaterThanOrEqual(less);
      }),
    );
    const [single, batched] = MODES.map((mode) =>
      total(monthlyCost({ filesPerDay: 0, mebibytesPerDay: 0 }, mode, loadSettings('dev'))),
    );
    expect(single).toBe(batched);
  });

  it('has one run of the compaction a day where the environment has it', () => {
    const without = loadSettings('dev');
    const compaction = { minimumBatches: 48, graceHours: 20, hour: 2 };
    const glue = (settings: typeof without) => monthlyCost(load, 'batched', settings).Glue ?? 0;
    expect(glue({ ...without, compaction }) - glue(without)).toBeCloseTo(30.4 * 2 * (0.44 / 60), 5);
  });

  it('has Airflow and Snowflake only where the environment has them', () => {
    expect(Object.keys(monthlyCost(load, 'single', loadSettings('dev')))).not.toContain('Airflow');
    expect(monthlyCost(load, 'single', loadSettings('local'))).toMatchObject({ Airflow: expect.closeTo(357.5, 0) });
  });

  it('has connectors only where the environment names them: cents for one that runs every hour', () => {
    expect(Object.keys(monthlyCost(load, 'batched', loadSettings('local')))).not.toContain('Connectors');
    const connectors = ['steam-reviews', 'business-profile'];
    const { Connectors = 0 } = monthlyCost(load, 'batched', { ...loadSettings('local'), connectors });
    const runs = (24 + 4) * 30.4;
    // Steam asks for no login.
    expect(Connectors).toBeCloseTo(runs * (10 * 0.0000166667 + 4 * 0.000025) + 4 * 0.1 + 0.4, 3);
  });

  it('has a secret once that several connectors share', () => {
    const of = (connectors: string[]): number =>
      monthlyCost(load, 'batched', { ...loadSettings('local'), connectors }).Connectors ?? 0;
    const [cases, contacts] = ['salesforce-cases', 'salesforce-contacts'];
    expect(of([cases, contacts])).toBeCloseTo(of([cases]) + of([contacts]) - 0.4, 6);
  });

  it('has change capture only where the environment has it: an instance that is there all the time', () => {
    expect(Object.keys(monthlyCost(load, 'batched', loadSettings('dev')))).not.toContain('Change capture');
    const example = loadSettings('example');
    const { changeCapture } = example;
    if (!changeCapture) throw new Error('The example has every part switched on.');
    const of = (changes: Partial<typeof changeCapture>): number =>
      monthlyCost(load, 'batched', { ...example, changeCapture: { ...changeCapture, ...changes } })['Change capture'] ??
      0;
    const instance = 24 * 30.4 * 0.036;
    expect(of({})).toBeCloseTo(instance + 96 * 30.4 * 3 * 0.000025 + 5 * 0.1 + 0.4, 3);
    expect(of({ instanceClass: 'dms.t3.medium', multiAz: true }) - of({})).toBeCloseTo(3 * instance, 3);
  });

  it('has streams only where the environment names them: a job that runs all the time, whatever arrives', () => {
    expect(Object.keys(monthlyCost(load, 'batched', loadSettings('local')))).not.toContain('Streams');
    const { Streams = 0 } = monthlyCost(load, 'batched', loadSettings('local-with-kafka'));
    expect(Streams).toBeCloseTo(24 * 30.4 * 0.5 * 0.44 + 3 * 0.1 + 6 * 0.3 + 0.4, 3);
  });

  it('has an XSMALL warehouse of Snowflake awake all day where files come all the time, and its notifications', () => {
    const busy = (24 * 30.4 * 3) / 1;
    const notified = (1440 * 10 * 30.4 * 0.18) / 1000;
    const { Snowflake } = monthlyCost({ filesPerDay: 1440, mebibytesPerDay: 500 }, 'single', loadSettings('local'));
    expect(Snowflake).toBeCloseTo(busy + notified, 0);
    const rarely = monthlyCost({ ...load, dropsPerDay: 1 }, 'batched', loadSettings('local')).Snowflake ?? 0;
    expect(rarely).toBeLessThan(busy / 10);
  });

  it('is shown for both modes side by side, with the month of the prices', () => {
    const text = cost('dev', load);
    expect(text).toMatch(/service +single +batched/);
    expect(text).toContain(`as of ${priceTable.asOf}`);
    expect(JSON.parse(cost('dev', load, { json: true }))).toMatchObject({
      mode: 'single',
      batched: { SQS: expect.any(Number) },
    });
  });
});

describe('docs/costs.md', () => {
  it.each(Object.entries(priceTable.prices))('quotes the price %s as the table has it', (_, { service, usd, unit }) => {
    expect(page).toContain(`| ${service} | ${usd} | ${unit} |`);
  });

  it('says when and where they were read, and what the estimate assumes', () => {
    expect(page).toContain(priceTable.asOf);
    expect(page).toContain(`${ASSUMED.leastRunSeconds} s`);
    for (const { source } of Object.values(priceTable.prices)) expect(page).toContain(source);
  });
});
