import Table from 'cli-table3';
import { endedWell, type FileResult } from './follow';
import { shown } from './progress';

/** Wall-clock seconds of the parts of a run. */
export interface RunSeconds {
  readonly setup: number;
  readonly start: number;
  readonly deploy: number;
  readonly process: number;
  readonly total: number;
}

/** The whole result of a run, as `--report` writes it. */
export interface RunReport {
  readonly files: readonly FileResult[];
  readonly tables: Readonly<Record<string, number>>;
  readonly seconds: RunSeconds;
}

const number = new Intl.NumberFormat('en-GB');

/** Borders off: the columns' own space is enough, and lines copy well. */
const PLAIN = {
  chars: Object.fromEntries(
    ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
      .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
      .map((name) => [name, '']),
  ),
  style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2, compact: true },
};

const reasons = (rejected: Readonly<Record<string, number>>): string =>
  Object.entries(rejected)
    .map(([reason, count]) => `${number.format(count)} ${reason}`)
    .join(', ');

function fileTable(files: readonly FileResult[]): string {
  const right = { hAlign: 'right' as const };
  const table = new Table({
    ...PLAIN,
    head: ['file', 'source', 'status', 'read', 'published', 'duplicates', 'rejected', 'seconds'],
  });
  for (const file of files) {
    const figures = [file.recordsRead, file.published, file.duplicates].map((figure) => ({
      ...right,
      content: number.format(figure),
    }));
    table.push([
      shown(file.path),
      file.source ?? '–',
      file.status,
      ...figures,
      reasons(file.rejected) || '0',
      { ...right, content: file.seconds.toFixed(1) },
    ]);
  }
  return table.toString();
}

function tableCounts(tables: Readonly<Record<string, number>>): string {
  const table = new Table({ ...PLAIN, head: ['published table', 'rows'] });
  for (const [name, rows] of Object.entries(tables)) {
    table.push([name, { hAlign: 'right', content: number.format(rows) }]);
  }
  return table.toString();
}

/** The result as a person reads it: files, troubles, tables, times. */
export function describe({ files, tables, seconds }: RunReport): string {
  const troubled = files.filter((file) => file.reason);
  const notes = troubled.map((file) => `  ${shown(file.path)}: ${file.status}: ${file.reason}`);
  const bad = files.filter((file) => !endedWell(file)).length;
  const verdict =
    bad === 0 ? `All ${files.length} files are accounted for.` : `${bad} of ${files.length} files did not get through.`;
  const times = Object.entries(seconds).map(([part, value]) => `${part} ${value.toFixed(1)} s`);
  return [
    fileTable(files),
    ...(notes.length > 0 ? [`Notes:\n${notes.join('\n')}`] : []),
    tableCounts(tables),
    `${verdict} Times: ${times.join(', ')}.`,
  ].join('\n\n');
}
