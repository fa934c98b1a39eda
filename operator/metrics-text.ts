import { FILE_STATUSES } from '../lib/contracts/outcomes';
import { countByStatus } from '../lib/functions/ledger/entry';
import { lastDbtRun, queues } from './commands/status';
import type { Deployment } from './deployment';
import { newestExecutions } from './executions';
import { filesByStatus } from './ledger-queries';
import { bySource, recordsOf, sum } from './quality';

/** Window of the figures that are not of this moment (hours). */
const WINDOW_HOURS = 24;

/** Executions that are searched for running ones. */
const EXECUTIONS = 100;

/** A value of a metric, under its labels. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric; all are gauges: they count over a window that moves. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function sampleLine(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

/** Metrics in Prometheus' text form ("Exposition formats", Prometheus documentation). */
export const exposition = (metrics: readonly Metric[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(({ name, help, samples }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...samples.map((sample) => sampleLine(name, sample)),
    ])
    .map((line) => `${line}\n`)
    .join('');

const seconds = (time: string | Date): number => Math.round(Number(new Date(time)) / 1000);

/** Figures of an environment in the text form of Prometheus. */
export async function metricsText(deployment: Deployment): Promise<string> {
  const since = new Date(Date.now() - WINDOW_HOURS * 3_600_000);
  const [entries, executions, waiting, dbt] = await Promise.all([
    filesByStatus(deployment, { since }),
    newestExecutions(deployment, EXECUTIONS),
    queues(deployment),
    lastDbtRun(deployment),
  ]);
  const sources = bySource(entries);
  const recorded = sources.flatMap(([source, files]) =>
    Object.entries(recordsOf(files)).map(([outcome, value]) => ({ labels: { source, outcome }, value })),
  );
  const newest = sources.flatMap(([source, files]) => {
    const published = files.filter(({ status }) => status === 'PUBLISHED').map(({ updated_at }) => seconds(updated_at));
    return published.length > 0 ? [{ labels: { source }, value: Math.max(...published) }] : [];
  });
  const slowest = sources.flatMap(([source, files]) => {
    const waits = files
      .filter(({ status }) => status === 'PUBLISHED')
      .map(({ arrived_at, updated_at }) => seconds(updated_at) - seconds(arrived_at));
    return waits.length > 0 ? [{ labels: { source }, value: Math.max(...waits) }] : [];
  });
  return exposition([
    {
      name: 'reviews_files',
      help: `Files that entered a status within ${WINDOW_HOURS} hours.`,
      samples: sources.flatMap(([source, files]) => {
        const counts = countByStatus(files);
        return FILE_STATUSES.map((status) => ({ labels: { source, status }, value: counts[status] ?? 0 }));
      }),
    },
    {
      name: 'reviews_records',
      help: `Records of these files: read = published + duplicates + deleted + rejected.`,
      samples: recorded,
    },
    {
      name: 'reviews_bytes',
      help: 'Size of these files.',
      samples: sources.map(([source, files]) => ({ labels: { source }, value: sum(files, 'size_bytes') })),
    },
    {
      name: 'reviews_newest_published_timestamp_seconds',
      help: 'When the newest published file of a source was published.',
      samples: newest,
    },
    {
      name: 'reviews_arrival_to_published_seconds',
      help: 'Longest time from the arrival of one of these files to its publication.',
      samples: slowest,
    },
    {
      name: 'reviews_executions',
      help: `Executions of the review intake by status, of the newest ${EXECUTIONS}.`,
      samples: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'].map((status) => ({
        labels: { status },
        value: executions.filter((execution) => execution.status === status).length,
      })),
    },
    {
      name: 'reviews_queue_messages',
      help: 'Messages that wait in a queue.',
      samples: waiting.map(({ queue, messages }) => ({ labels: { queue }, value: messages })),
    },
    ...(dbt
      ? [
          {
            name: 'reviews_dbt_nodes',
            help: 'Models and tests of the last run of dbt by result.',
            samples: (['passed', 'failed', 'warned'] as const).map((result) => ({
              labels: { result },
              value: dbt[result],
            })),
          },
          {
            name: 'reviews_dbt_ended_timestamp_seconds',
            help: 'When the last run of dbt ended.',
            samples: [{ value: seconds(dbt.endedAt) }],
          },
        ]
      : []),
  ]);
}
