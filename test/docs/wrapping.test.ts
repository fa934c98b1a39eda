import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownFiles } from '../../docs/site/markdown-files';
import { ROOT } from '../../local/paths';
import { wrappedParagraphs } from './markdown';

describe('paragraphs of the documentation', () => {
  it.each(markdownFiles())('%s has each on one line, so that a changed word moves no line end', (file) => {
    expect(wrappedParagraphs(readFileSync(join(ROOT, file), 'utf8'))).toEqual([]);
  });

  it('are seen to be wrapped in text and in lists; code and tables are none', () => {
    const text = 'One\ntwo.\n\n- three\n  four\n\n```\nfive\nsix\n```\n\n| a |\n|---|\n| b |\n';
    expect(wrappedParagraphs(text)).toEqual(['One', 'three']);
  });
});
