import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../local/paths';
import { findWords, type Vocabulary } from './find';

// Part of the lint: English is the second language of many readers, and these words are not in the English that they learnt.

const TEXTS = '**/*.{ts,mjs,py,sql,md,mdx,json,yml,yaml,toml,template,in}';
/** What others wrote or tools make, and the list itself. */
const NOT_OURS = [
  '{node_modules,.local,cdk.out}',
  '**/{node_modules,target,logs}',
  'package-lock.json',
  'test/glue/{recorded,sources}',
  'test/vocabulary',
];

const vocabulary: Vocabulary = JSON.parse(readFileSync(join(import.meta.dirname, 'words.json'), 'utf8'));
const findings = globSync(TEXTS, { cwd: ROOT, exclude: NOT_OURS })
  .sort()
  .flatMap((path) =>
    findWords(readFileSync(join(ROOT, path), 'utf8'), vocabulary).map(
      ({ line, words, instead }) => `${path}:${line}: "${words}" (write: ${instead})`,
    ),
  );
for (const finding of findings) console.error(finding);
if (findings.length > 0) process.exitCode = 1;
