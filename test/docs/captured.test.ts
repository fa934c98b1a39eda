import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { captureIn, comparable, excerptOf, resultOf, withCapture } from '../../docs/site/captured';
import { ROOT } from '../../local/paths';

const RESULT = [
  'file     source  status     read  seconds',
  'a.jsonl  native  PUBLISHED    10      3.1',
  '',
  'most reviewed product  average rating',
  'kettle                           3.82',
  '',
  'dbt: 150 models and tests passed, 0 failed, 0 warned.',
  '',
  'All 1 files are accounted for. Times: start 5.0 s, total 26.5 s.',
].join('\n');

describe('the captured result of npm run local', () => {
  it('is the part of the output from the table of files to the verdict', () => {
    expect(resultOf(`✔ Process 1 files\n\n${RESULT}  \n\nMore follows`)).toBe(RESULT);
    expect(() => resultOf('Stopped.')).toThrow('has no result');
  });

  it('is compared without times and without the number of tests, but with every other figure', () => {
    const later = RESULT.replace('      3.1', '     12.0').replace('26.5 s', '116.9 s').replace('150', '151');
    expect(comparable(later)).toBe(comparable(RESULT));
    for (const [figure, other] of [
      ['10', '11'],
      ['3.82', '3.83'],
      ['0 failed', '1 failed'],
      ['All 1', 'All 2'],
    ] as const)
      expect(comparable(RESULT.replace(figure, other))).not.toBe(comparable(RESULT));
  });

  it('replaces what a page shows, and nothing else of the page', () => {
    const page = 'a\n<!-- capture -->\n```text\nold\n```\n<!-- end of capture -->\nz\n';
    expect(withCapture(page, RESULT)).toBe(page.replace('old', RESULT));
    expect(() => withCapture('no block', RESULT)).toThrow('no block');
  });

  it('in README.md is the excerpt of the one in docs/quick-start.md', () => {
    const [short, whole] = ['README.md', 'docs/quick-start.md'].map((page) =>
      captureIn(readFileSync(join(ROOT, page), 'utf8')),
    );
    expect(short).toBe(excerptOf(whole ?? ''));
    expect(short).toMatch(/^All \d+ files are accounted for\./m);
  });
});
