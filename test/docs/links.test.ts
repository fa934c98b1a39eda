import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownFiles } from '../../docs/site/markdown-files';
import { ROOT } from '../../local/paths';
import { brokenLinks } from './markdown';

describe('links of the documentation', () => {
  it.each(markdownFiles())('%s links to files and headings that are there', (file) => {
    expect(brokenLinks(file, readFileSync(join(ROOT, file), 'utf8'))).toEqual([]);
  });

  it('includes README.md and the pages of docs/', () => {
    expect(markdownFiles()).toEqual(
      expect.arrayContaining(['README.md', 'docs/deploy.md', 'docs/decisions/README.md']),
    );
  });

  it('finds a file and a heading that are not there', () => {
    const text =
      '# Here\n\n[a](gone.md) [b](../README.md#gone) [c](#here) ![d](images/gone.svg) [e](https://example.com/gone)';
    expect(brokenLinks('docs/page.md', text)).toEqual([
      'docs/page.md: gone.md (no file docs/gone.md)',
      'docs/page.md: ../README.md#gone (no heading #gone in README.md)',
      'docs/page.md: images/gone.svg (no file docs/images/gone.svg)',
    ]);
  });
});
