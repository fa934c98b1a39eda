import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** All rows of an exported table, `<folder>/<table>/*.parquet`: whole, or only some columns of them. */
export async function rowsOf<Row>(folder: string, table: string, columns?: string[]): Promise<Row[]> {
  const files = readdirSync(join(folder, table)).map((name) => readFileSync(join(folder, table, name)));
  const rows = await Promise.all(
    files.map((bytes) =>
      parquetReadObjects({ file: new Uint8Array(bytes).buffer, compressors, ...(columns && { columns }) }),
    ),
  );
  return rows.flat() as Row[];
}
