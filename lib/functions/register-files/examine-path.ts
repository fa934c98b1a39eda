/**
 * What register-files says of local files, for whoever works on files without a cluster: the forms come from the one place that
 * tells them. Takes a JSON list of `{"path", "key"}` on standard input and answers with a list of verdicts.
 */
import { openSync, readSync, statSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { sourceFolder } from '../../contracts/object-keys';
import { sources } from '../../contracts/sources';
import { ending } from './endings';
import { examineFile } from './file-form';

async function verdictOn({ path, key }: { path: string; key: string }): Promise<object> {
  const { size } = statSync(path);
  if (size === 0) {
    return { ending: ending('NO_BYTES') };
  }
  const file = openSync(path, 'r');
  const read = async (first: number, last: number) => {
    const bytes = new Uint8Array(last - first + 1);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, first));
  };
  const verdict = await examineFile(read, size, sources.get(sourceFolder(key) ?? ''));
  return verdict.kind === 'readable'
    ? { form: { ...verdict.form, source: verdict.form.source.source } }
    : { ending: ending(verdict.reason, verdict.particulars) };
}

const files: { path: string; key: string }[] = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await Promise.all(files.map(verdictOn))));
