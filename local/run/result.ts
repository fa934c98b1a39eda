import Table from 'cli-table3';
import type { DbtCounts } from './dbt-results';
import { endedWell, type FileResult, signOf } from './file-result';
import { notesOf } from './notes';
import { PLAIN } from './plain-table';
import type { TopProduct } from './presentation-tables';

/** Wall-clock seconds of the parts of a run. */
export interface RunSeconds {
  readonly setup: number;
  /** Until stacks could be deployed. */
  readonly start: number;
  /** From then until files could be dropped. */
  readonly deploy: number;
  /** From the first drop until every file had ended. */
  readonly process: number;
  /** At the same time as the files: from the first drop until warehouse, monitoring and orchestration were deployed. */
  readonly rest: number;
  /** At the same time as the rest: from Airflow's start until it served; only in runs with Airflow. */
  readonly airflow?: number;
  readonly dbt: number;
  readonly total: number;
}

/** The whole result of a run, as `--report` writes it. */
export interface RunReport {
  readonly files: readonly FileResult[];
  readonly tables: Readonly<Record<string, number>>;
  /** Rows of the presentation tables. */
  readonly marts: Readonly<Record<string, number>>;
  readonly dbt: DbtCounts;
  readonly seconds: RunSeconds;
}

/** More files than this are shown by source and status, and no more of them are named. */
const MAX_FILES = 30;

const number = new Intl.NumberFormat('en-GB');

const count = (figure: number) => ({ hAlign: 'right' as const, content: number.format(figure) });
const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);

/** Columns with the records of files; deletions only where there are some. */
const recordHead = (files: readonly FileResult[]) => [
  'read',
  'published',
  'duplicates',
  ...(hasDeletions(files) ? ['deleted'] : []),
  'rejected',
];

const hasDeletions = (files: readonly FileResult[]) => files.some(({ deleted }) => deleted > 0);

/** Records of some of the files, under `recordHead` of all. */
const recordCounts = (files: readonly FileResult[], all: readonly FileResult[]) =>
  [
    files.map(({ recordsRead }) => recordsRead),
    files.map(({ published }) => published),
    files.map(({ duplicates }) => duplicates),
    ...(hasDeletions(all) ? [files.map(({ deleted }) => deleted)] : []),
    files.flatMap(({ rejected }) => Object.values(rejected)),
  ].map((figures) => count(sum(figures)));

const secondsCell = (seconds: number) => ({ hAlign: 'right' as const, content: seconds.toFixed(1) });

function fileTable(files: readonly FileResult[]): string {
  const head = ['file', 'source', 'status', ...recordHead(files), 'seconds'];
  const table = new Table({ ...PLAIN, head });
  for (const file of files) {
    const { name, source, status, seconds } = file;
    table.push([name, source ?? '–', `${signOf(file)}${status}`, ...recordCounts([file], files), secondsCell(seconds)]);
  }
  return table.toString();
}

/** Many files, a line for each source and status, with the seconds of the slowest. */
function summaryTable(files: readonly FileResult[]): string {
  const head = ['source', 'status', 'files', ...recordHead(files), 'seconds'];
  const table = new Table({ ...PLAIN, head });
  const groups = Map.groupBy(files, ({ source, status }) => `${source ?? '–'} ${status}`);
  for (const [, group] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    const [first] = group as [FileResult, ...FileResult[]];
    const { source, status } = first;
    const slowest = Math.max(...group.map(({ seconds }) => seconds));
    table.push([
      source ?? '–',
      `${signOf(first)}${status}`,
      count(group.length),
      ...recordCounts(group, files),
      secondsCell(slowest),
    ]);
  }
  return table.toString();
}

function countTable(head: readonly [string, string], counts: Readonly<Record<string, number>>): string {
  const table = new Table({ ...PLAIN, head: [...head] });
  for (const [name, figure] of Object.entries(counts)) table.push([name, count(figure)]);
  return table.toString();
}

function productTable(products: readonly TopProduct[]): string {
  const table = new Table({ ...PLAIN, head: ['most reviewed product', 'source', 'reviews', 'average rating'] });
  for (const { product, source, reviews, averageRating } of products) {
    table.push([product, source, count(reviews), { hAlign: 'right', content: averageRating?.toFixed(2) ?? '–' }]);
  }
  return table.toString();
}

/** Rejected records of all files by reason, the most frequent first. */
function rejectedByReason(files: readonly FileResult[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { rejected } of files) {
    for (const [reason, records] of Object.entries(rejected)) totals[reason] = (totals[reason] ?? 0) + records;
  }
  return Object.fromEntries(Object.entries(totals).sort(([, a], [, b]) => b - a));
}

/** Files as a person reads them: a table, the notes on them, and why records were rejected. */
function fileParts(files: readonly FileResult[], folder: string): string[] {
  const rejected = rejectedByReason(files);
  return [
    files.length > MAX_FILES ? summaryTable(files) : fileTable(files),
    ...notesOf(files, folder),
    ...(Object.keys(rejected).length > 0 ? [countTable(['rejected because of', 'records'], rejected)] : []),
  ];
}

function verdictOn(files: readonly FileResult[]): string {
  const bad = files.filter((file) => !endedWell(file)).length;
  return bad === 0
    ? `All ${files.length} files are accounted for.`
    : `${bad} of ${files.length} files did not get through.`;
}

/** What happened to files that were dropped into a kept run, in the form of a whole run's result. */
export const describeFiles = (files: readonly FileResult[], folder: string): string =>
  [...fileParts(files, folder), verdictOn(files)].join('\n\n');

/**
 * The result as a person reads it: files, troubles, tables, times.
 *
 * @param folder of the run's state
 * @param next what to do next, one sentence
 */
export function describe(
  { files, tables, marts, dbt, seconds }: RunReport,
  products: readonly TopProduct[],
  folder: string,
  next: string,
): string {
  const times = Object.entries(seconds).map(([part, value]) => `${part} ${value.toFixed(1)} s`);
  return [
    ...fileParts(files, folder),
    countTable(['published table', 'rows'], tables),
    countTable(['presentation table', 'rows'], marts),
    ...(products.length > 0 ? [productTable(products)] : []),
    `dbt: ${dbt.passed} models and tests passed, ${dbt.failed} failed, ${dbt.warned} warned.`,
    next,
    `${verdictOn(files)} Times: ${times.join(', ')}.`,
  ].join('\n\n');
}
