import { join } from 'node:path';
import { execa } from 'execa';
import { binOf, ROOT } from '../paths';
import { filesToDrop, type LocalFile } from './drop';

/** Generates the sample of several producers into a folder; what is expected of each file is written to expected.json in it. */
export async function generateSample(folder: string): Promise<LocalFile[]> {
  await execa(join(binOf('glue'), 'python'), [join(ROOT, 'local/samples/generate.py'), '--out', folder]);
  return filesToDrop([folder]).filter(({ path }) => path !== join(folder, 'expected.json'));
}
