import { describe, expect, it } from 'vitest';
import { amount, type FlowFigures, flow } from '../../../operator/page/flow';

const QUIET: FlowFigures = {
  files: 2,
  bytes: 1_500_000,
  statuses: { PUBLISHED: 2 },
  executions: [{ status: 'SUCCEEDED', state: null }],
  queues: [{ queue: 'received files', messages: 0 }],
  records: { read: 10, published: 7, duplicates: 1, deleted: 0, rejected: 2 },
  tables: { objects: 9, bytes: 999, atLeast: false },
  warehouse: { reviews: 7, tables: 5, products: 3 },
  dbt: { passed: 150, failed: 0, warned: 0, when: '3m ago' },
};

const named = (figures: Partial<FlowFigures>, name: string) =>
  flow({ ...QUIET, ...figures }).find((stage) => stage.name === name);

describe('the drawing of the flow', () => {
  it('has the stages in the order in which a review passes them, each with its figure', () => {
    expect(flow(QUIET).map(({ name, figure }) => [name, figure])).toEqual([
      ['Raw', 2],
      ['Executions', 1],
      ['Clean', 10],
      ['Flatten', 7],
      ['Parquet', 9],
      ['Snowflake', 7],
      ['dbt', 150],
      ['Presentation', 3],
    ]);
    expect(flow(QUIET).filter(({ atWork, troubled }) => atWork || troubled)).toEqual([]);
  });

  it('shows which stage is at work', () => {
    const executions = [{ status: 'RUNNING', state: 'Flatten reviews' }];
    expect(flow({ ...QUIET, executions }).flatMap(({ name, atWork }) => (atWork ? name : []))).toEqual([
      'Executions',
      'Flatten',
    ]);
  });

  it('shows what somebody should look at', () => {
    expect(named({ statuses: { QUARANTINED: 1 } }, 'Raw')?.troubled).toBe(true);
    expect(named({ executions: [{ status: 'TIMED_OUT', state: null }] }, 'Executions')?.note).toBe(
      '0 running, 1 failed',
    );
    expect(named({ dbt: { passed: 149, failed: 1, warned: 0, when: '1m ago' } }, 'dbt')?.troubled).toBe(true);
  });

  it('invents no figure where there is no warehouse or no run of dbt', () => {
    expect(named({ warehouse: 'no Snowflake' }, 'Snowflake')?.figure).toBeNull();
    expect(named({ warehouse: 'no Snowflake' }, 'Presentation')?.figure).toBeNull();
    expect(named({ dbt: undefined }, 'dbt')?.figure).toBeNull();
  });

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1500, '1.5 kB'],
    [12_345_678, '12 MB'],
    [4e15, '4,000 TB'],
  ])('says %d as %s', (bytes, text) => {
    expect(amount(bytes)).toBe(text);
  });
});
