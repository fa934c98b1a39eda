import { loadSettings } from '../../lib/config/settings';
import { executionsPerDay, type Load, MODES, monthlyCost, total } from '../costs/estimate';
import { priceTable } from '../costs/prices';
import { json, table } from '../text';

const dollars = (amount: number): string => (amount > 0 && amount < 0.01 ? '< 0.01' : amount.toFixed(2));

/** Monthly cost of an environment by service, with both modes of the intake side by side. It does not ask AWS. */
export function cost(environment: string, load: Load, options: { json?: true } = {}): string {
  const settings = loadSettings(environment);
  const [single, batched] = MODES.map((mode) => monthlyCost(load, mode, settings));
  const { asOf, region } = priceTable;
  if (options.json) return json({ environment, load, mode: settings.intake.mode, single, batched, asOf, region });
  const services = Object.keys(single ?? {});
  const rows = services.map((service) => [service, dollars(single?.[service] ?? 0), dollars(batched?.[service] ?? 0)]);
  const sums = ['total', dollars(total(single ?? {})), dollars(total(batched ?? {}))];
  const [one, many] = MODES.map((mode) => Math.round(executionsPerDay(load, mode, settings.intake)));
  return [
    `${load.filesPerDay} files and ${load.mebibytesPerDay} MiB a day: US dollars per month`,
    table(['service', 'single', 'batched'], [...rows, sums]),
    `Environment ${environment} is ${settings.intake.mode}: ${settings.intake.mode === 'single' ? one : many} executions a day.`,
    `Prices of ${region} as of ${asOf}; what is assumed and the prices themselves: docs/costs.md`,
  ].join('\n');
}
