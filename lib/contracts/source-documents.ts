import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of the source contracts, below the top of the repository and, in a function's bundle, beside its code. */
export const SOURCES_FOLDER = 'contracts/sources';

// Read as a folder, not imported by name: a new producer is a new file and no line of code.
const top = process.env.LAMBDA_TASK_ROOT ?? join(import.meta.dirname, '../..');
const folder = join(top, SOURCES_FOLDER);

/** The source contracts as they stand in their files, in the order of their names. */
export const sourceDocuments: readonly unknown[] = readdirSync(folder)
  .sort()
  .map((file) => {
    try {
      return JSON.parse(readFileSync(join(folder, file), 'utf8'));
    } catch (error) {
      throw new Error(`${SOURCES_FOLDER}/${file}: ${(error as Error).message}. See: npm run reviews -- contract check`);
    }
  });
