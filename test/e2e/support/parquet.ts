import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';

/** All rows of an exported table: `<folder>/<table>/*.parquet`. */
export async function rowsOf<Row>(folder: string, table: string): Promise<Row[]> {
  const files = readdirSync(join(folder, table)).map((name) => readFileSync(join(folder, table, name)));
  const rows = await Promise.all(
    files.map((bytes) => parquetReadObjects({ file: new Uint8Array(bytes).buffer, compressors })),
  );
  return rows.flat() as Row[];
}
