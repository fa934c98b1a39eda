import type { FileStatus } from '../../lib/contracts/outcomes';
import { type Queue, RECEIVED_FILES } from '../commands/status';
import type { Execution } from '../executions';
import type { Records } from '../records';
import type { Stage } from './answers';
import type { WarehouseCounts } from './warehouse-queries';

/** Contents of the processed bucket below the tables' prefix. */
export interface Published {
  readonly objects: number;
  readonly bytes: number;
  /** Whether there is more than was counted. */
  readonly atLeast: boolean;
}

/** Everything that the drawing of the flow shows. */
export interface FlowFigures {
  readonly files: number;
  readonly bytes: number;
  readonly statuses: Readonly<Partial<Record<FileStatus, number>>>;
  readonly executions: readonly Pick<Execution, 'status' | 'state'>[];
  readonly queues: readonly Queue[];
  readonly records: Records;
  readonly tables: Published;
  /** Counts, or why there are none. */
  readonly warehouse: WarehouseCounts | string;
  readonly dbt:
    | { readonly passed: number; readonly failed: number; readonly warned: number; readonly when: string }
    | undefined;
}

const number = new Intl.NumberFormat('en-GB');
const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size in readable form. */
export function amount(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1000 ** step;
  return `${step > 0 && value < 10 ? value.toFixed(1) : number.format(Math.round(value))} ${UNITS[step]}`;
}

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${number.format(count)} ${count === 1 ? one : many}`;

/** The stages of the flow in order, each with its main figure. */
export function flow(figures: FlowFigures): Stage[] {
  const { executions, records, statuses, tables, warehouse, dbt } = figures;
  const running = executions.filter(({ status }) => status === 'RUNNING');
  const failed = executions.length - running.length - executions.filter(({ status }) => status === 'SUCCEEDED').length;
  const inState = (name: string): number => running.filter(({ state }) => state === name).length;
  const refused = (statuses.FAILED ?? 0) + (statuses.QUARANTINED ?? 0) + (statuses.REJECTED ?? 0);
  const waiting = figures.queues.find(({ queue }) => queue === RECEIVED_FILES)?.messages ?? 0;
  const known = typeof warehouse !== 'string';

  const job = (state: string): Pick<Stage, 'atWork' | 'troubled'> => ({ atWork: inState(state) > 0, troubled: false });
  return [
    {
      name: 'Raw',
      by: 'S3, every version kept',
      figure: figures.files,
      unit: figures.files === 1 ? 'file' : 'files',
      note: waiting > 0 ? `${number.format(waiting)} waiting` : amount(figures.bytes),
      atWork: waiting > 0,
      troubled: refused > 0,
    },
    {
      name: 'Executions',
      by: 'EventBridge, Step Functions',
      figure: executions.length,
      unit: executions.length === 1 ? 'execution' : 'executions',
      note: [`${running.length} running`, ...(failed > 0 ? [`${failed} failed`] : [])].join(', '),
      atWork: running.length > 0,
      troubled: failed > 0,
    },
    {
      name: 'Clean',
      by: 'Glue job 1',
      figure: records.read,
      unit: 'records read',
      note: `${number.format(records.rejected)} rejected`,
      ...job('Clean reviews'),
    },
    {
      name: 'Flatten',
      by: 'Glue job 2',
      figure: records.published,
      unit: 'published',
      note: plural(records.duplicates, 'duplicate'),
      ...job('Flatten reviews'),
    },
    {
      name: 'Parquet',
      by: 'S3, processed',
      figure: tables.objects,
      unit: tables.atLeast ? 'files or more' : 'Parquet files',
      note: amount(tables.bytes),
      atWork: false,
      troubled: false,
    },
    {
      name: 'Snowflake',
      by: 'External tables',
      figure: known ? warehouse.reviews : null,
      unit: 'reviews visible',
      note: known ? 'in RAW.REVIEWS' : 'not available',
      atWork: false,
      troubled: false,
    },
    {
      name: 'dbt',
      by: 'run by Airflow',
      figure: dbt ? dbt.passed : null,
      unit: 'models and tests passed',
      note: dbt ? `${dbt.failed} failed, ${dbt.when}` : 'no run known',
      atWork: false,
      troubled: (dbt?.failed ?? 0) > 0,
    },
    {
      name: 'Presentation',
      by: 'for BI tools',
      figure: known ? warehouse.products : null,
      unit: 'products',
      note: known ? plural(warehouse.tables, 'table') : 'not available',
      atWork: false,
      troubled: false,
    },
  ];
}
