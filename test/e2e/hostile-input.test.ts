import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binOf, ROOT } from '../../local/paths';
import { drop } from '../../local/run/drop';
import { type FileResult, follow } from '../../local/run/follow';
import { type RunningPlatform, startRunning } from './support/running';

describe('hostile input, all of it in the raw bucket at once', () => {
  let running: RunningPlatform;
  let results: Map<string, FileResult>;

  beforeAll(async () => {
    running = await startRunning();
    const folder = join(running.folder, 'hostile');
    await execa(join(binOf('glue'), 'python'), [join(ROOT, 'local/samples/hostile.py'), '--out', folder]);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    const dropped = [];
    for (const { file, key } of manifest.files)
      dropped.push(await drop(running.platform, { path: join(folder, file), key }));
    const followed = await Promise.all(dropped.map((file) => follow(running.platform, file)));
    results = new Map(followed.map((result) => [result.path, result]));
  });
  afterAll(() => running?.stop());
  it('placeholder', () => expect(results.size).toBeGreaterThan(0));
});
