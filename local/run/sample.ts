import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, ROOT } from '../paths';

/** Generates the sample of several producers into a folder. */
export async function generateSample(folder: string): Promise<string> {
  await execa(join(binOf('glue'), 'python'), [join(ROOT, 'local/samples/generate.py'), '--out', folder]);
  return folder;
}
