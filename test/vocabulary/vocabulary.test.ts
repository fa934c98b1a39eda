import { describe, expect, it } from 'vitest';
import { findWords, type Vocabulary } from './find';
import words from './words.json';

const found = (text: string, vocabulary: Vocabulary = words) =>
  findWords(text, vocabulary).map((finding) => finding.words);

describe('the vocabulary check', () => {
  it('finds a word whatever its capitals, with its line and what to write instead', () => {
    expect(findWords('Fix it.\nMend it.', { mend: 'fix' })).toEqual([{ line: 2, words: 'Mend', instead: 'fix' }]);
  });

  it('finds whole words only', () => {
    expect(found('recommend a mender, a-mend', { mend: 'fix' })).toEqual([]);
  });

  it.each([
    ['a TypeScript comment', '// kept of\n// late'],
    ['a doc comment', '/**\n * kept of\n * late\n */'],
    ['a Python comment', '# kept of\n# late'],
    ['an SQL comment', '-- kept of\n-- late'],
    ['Markdown', 'kept of\nlate'],
  ])('finds a phrase that %s wraps', (_where, text) => {
    expect(found(text, { 'of late': 'recently' })).toEqual(['of late']);
  });

  it.each([
    'one record a line',
    'an execution that ended without a word',
    'Airflow takes the DAG for gone',
    'is quoted, for it may hold line breaks',
  ])('refuses "%s"', (text) => {
    expect(found(text)).toHaveLength(1);
  });

  it.each(['one record per line', 'waits for it and has time', 'a row is a version', 'once it is known'])(
    'accepts "%s"',
    (text) => {
      expect(found(text)).toEqual([]);
    },
  );
});
