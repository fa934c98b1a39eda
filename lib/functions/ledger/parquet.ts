import { zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWrite } from 'hyparquet-writer';
import type { Column, TableContract } from '../../contracts/tables';

/** A value that a Parquet column takes; a long is a bigint, a timestamp a Date. */
export type ParquetValue = string | number | bigint | boolean | Date | null;
/** A row by column name. */
export type ParquetRow = Readonly<Record<string, ParquetValue>>;

function schemaElement({ name, type, nullable }: Column): SchemaElement {
  const repetition = { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED' } as const;
  switch (type) {
    case 'string':
      return { ...repetition, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } };
    case 'boolean':
      return { ...repetition, type: 'BOOLEAN' };
    case 'integer':
      return { ...repetition, type: 'INT32' };
    case 'long':
      return { ...repetition, type: 'INT64' };
    case 'double':
      return { ...repetition, type: 'DOUBLE' };
    case 'timestamp':
      return {
        ...repetition,
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      };
    default:
      throw new Error(`Column ${name}: the functions do not write columns of type ${type}.`);
  }
}

/**
 * Rows as a Parquet file (zstd) with exactly the columns of a table's contract, in its order. Timestamps are microseconds in
 * UTC, as Spark and Snowflake read them.
 *
 * @throws Error if a row lacks a column that is not nullable, or holds one that the contract does not know
 */
export function parquetFile(table: TableContract, rows: readonly ParquetRow[]): Uint8Array {
  const known = new Set(table.columns.map((column) => column.name));
  for (const row of rows) {
    const unexpected = Object.keys(row).find((name) => !known.has(name));
    const missing = table.columns.find(({ name, nullable }) => !nullable && (row[name] ?? null) === null);
    if (unexpected !== undefined || missing) {
      const fault = missing ? `has no value for ${missing.name}` : `has the unknown column ${unexpected}`;
      throw new Error(`Table ${table.table}: a row ${fault}; see contracts/tables/${table.table}.json.`);
    }
  }
  const writer = new ByteWriter();
  parquetWrite({
    writer,
    schema: [{ name: 'root', num_children: table.columns.length }, ...table.columns.map(schemaElement)],
    columnData: table.columns.map(({ name }) => ({ name, data: rows.map((row) => row[name] ?? null) })),
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: 'review-pipeline',
  });
  return writer.getBytes();
}
