/**
 * What register-files says of local files, for the tests of the jobs: the forms come from the one place that tells them.
 * Takes a JSON list of `{"path", "key"}` on standard input and answers with a list of verdicts.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { sourceFolder } from '../../lib/contracts/object-keys';
import { sources } from '../../lib/contracts/sources';
import { ending } from '../../lib/functions/register-files/endings';
import { examineFile } from '../../lib/functions/register-files/file-form';

const files: { path: string; key: string }[] = JSON.parse(await text(process.stdin));
const verdicts = await Promise.all(
  files.map(async ({ path, key }) => {
    const content = readFileSync(path);
    const read = async (first: number, last: number) => content.subarray(first, last + 1);
    const verdict = await examineFile(read, content.length, sources.get(sourceFolder(key) ?? ''));
    return verdict.kind === 'readable'
      ? { form: { ...verdict.form, source: verdict.form.source.source } }
      : { ending: ending(verdict.reason, verdict.particulars) };
  }),
);
process.stdout.write(JSON.stringify(verdicts));
