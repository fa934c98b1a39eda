import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import { endedWell, type FileResult } from './file-result';

/** What to do after files were processed: one line, with the command. */
export function nextStep(files: readonly FileResult[], { kept }: { readonly kept: boolean }): string {
  const notable = files.find((file) => !endedWell(file)) ?? files.find(({ status }) => status === 'QUARANTINED');
  const rejected = files.find(({ rejected }) => Object.values(rejected).some((records) => records > 0));
  if (!kept) {
    return notable
      ? `Next: npm run reviews -- validate ${quoted(notable.path)} shows what is wrong with a file, without a run.`
      : 'Next: npm run local -- --keep stays up, with a page to look at, SQL and more files.';
  }
  if (notable) return `Next: npm run reviews -- files ${quoted(keyOf(notable))} shows the whole life of a file.`;
  if (rejected) return `Next: npm run reviews -- rejects ${quoted(keyOf(rejected))} shows rejected records and why.`;
  return 'Next: npm run local -- sql "select * from product_summary"';
}

const keyOf = ({ name }: FileResult): string => `${REVIEWS_PREFIX}${name}`;

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
