/** `npm run capture`: runs `npm run local` and writes its result into README.md and docs/quick-start.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { ROOT } from '../../local/paths';
import { excerptOf, resultOf, withCapture } from './captured';

// Up to the result it shows progress, which differs from run to run.
const { stdout } = await execa('npm', ['run', 'local'], { cwd: ROOT, stderr: 'inherit' });
const result = resultOf(stdout);
for (const [page, text] of [
  ['README.md', excerptOf(result)],
  ['docs/quick-start.md', result],
] as const) {
  const path = join(ROOT, page);
  writeFileSync(path, withCapture(readFileSync(path, 'utf8'), text));
}
