import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { tables } from '../../../lib/contracts/tables';
import type { LedgerEntry } from '../../../lib/functions/ledger/entry';
import { fileEvent } from '../../../lib/functions/ledger/file-events';
import { type ParquetRow, parquetFile } from '../../../lib/functions/ledger/parquet';

const entry: LedgerEntry = {
  object: 'raw/reviews/a b/ü.json',
  version_id: 'v1',
  file_id: 'f',
  status: 'PUBLISHED',
  source: 'native',
  size_bytes: 6_000_000_000,
  arrived_at: '2026-11-21T08:59:58.000Z',
  received_at: '2026-11-21T09:00:01.000Z',
  updated_at: '2026-11-21T09:03:00.123Z',
  batch_id: 'b',
  ingest_date: '2026-11-21',
  execution_arn: 'arn:aws:states:eu-west-1:111122223333:execution:review-intake:one',
  attempt: 2,
  records_read: 3,
  records_published: 1,
  records_rejected: 2,
  records_duplicate: 0,
  records_deleted: 0,
  rejected_by_reason: { MALFORMED_JSON: 2 },
};

function written(rows: ParquetRow[]): ArrayBuffer {
  return parquetFile(tables.file_events, rows).slice().buffer;
}

describe('a file event as Parquet', () => {
  it('is read back as it was written', async () => {
    const [row] = await parquetReadObjects({ file: written([fileEvent(entry)]), compressors });
    expect(row).toMatchObject({
      bucket: 'raw',
      key: 'reviews/a b/ü.json',
      size_bytes: 6_000_000_000n,
      arrived_at: new Date('2026-11-21T08:59:58.000Z'),
      occurred_at: new Date('2026-11-21T09:03:00.123Z'),
      etag: null,
      rejected_by_reason: '{"MALFORMED_JSON":2}',
      attempt: 2,
    });
  });

  it('has the columns of the contract, with their types and nullability', () => {
    const { children } = parquetSchema(parquetMetadata(written([fileEvent(entry)])));
    const physical = { string: 'BYTE_ARRAY', long: 'INT64', integer: 'INT32', timestamp: 'INT64' } as const;
    expect(children.map(({ element }) => [element.name, element.type, element.repetition_type])).toEqual(
      tables.file_events.columns.map(({ name, type, nullable }) => [
        name,
        physical[type as keyof typeof physical],
        nullable ? 'OPTIONAL' : 'REQUIRED',
      ]),
    );
    const time = children.find(({ element }) => element.name === 'occurred_at')?.element;
    expect(time?.logical_type).toEqual({ type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' });
  });
});

describe('rows that break the contract', () => {
  it('are refused: a column is missing', () => {
    expect(() => written([{ ...fileEvent(entry), status: null }])).toThrow('has no value for status');
  });

  it('are refused: a column is unknown', () => {
    expect(() => written([{ ...fileEvent(entry), colour: 'red' }])).toThrow('unknown column colour');
  });
});
