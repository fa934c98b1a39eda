/** The result in the output of `npm run local`: from the table of files to the verdict. */
export function resultOf(output: string): string {
  const lines = output.split('\n').map((line) => line.trimEnd());
  const first = lines.findIndex((line) => /^file\s+source\s+status/.test(line));
  const last = lines.findLastIndex((line) => line.startsWith('All '));
  if (first < 0 || last < first) throw new Error(`The output of npm run local has no result:\n${output}`);
  return lines.slice(first, last + 1).join('\n');
}

/** What the README shows of the result: the files and the verdict. */
export function excerptOf(result: string): string {
  const parts = result.split('\n\n');
  return [parts[0], parts.at(-1)].join('\n\n');
}

/** A result without its times and without the number of dbt's tests, which grows: so that two results can be compared. */
export const comparable = (result: string): string =>
  result
    .replace(/^(.* [A-Z]{5,} .*?) +\d+\.\d$/gm, '$1  …')
    .replace(/\b\d+\.\d s\b/g, '… s')
    .replace(/^dbt: \d+ /m, 'dbt: … ');

const BLOCK = /(?<=<!-- capture -->\n```text\n).*?(?=```\n<!-- end of capture -->)/s;

/** The text that a page shows as captured. */
export function captureIn(page: string): string {
  const [found] = BLOCK.exec(page) ?? [];
  if (found === undefined) throw new Error('The page has no block between "capture" and "end of capture".');
  return found.trimEnd();
}

/** The page with another captured text. */
export const withCapture = (page: string, text: string): string => {
  captureIn(page);
  return page.replace(BLOCK, () => `${text}\n`);
};
