import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

describe('the bundle of the function', () => {
  it('with all of the driver is at most 5 MB', async () => {
    const { outputFiles } = await build({
      entryPoints: [join(ROOT, 'lib/functions/provision-warehouse/handler.ts')],
      bundle: true,
      minify: true,
      keepNames: true,
      platform: 'node',
      target: 'node24',
      write: false,
    });
    const [bundle] = outputFiles;
    expect(bundle?.contents.length).toBeGreaterThan(1_000_000);
    expect(bundle?.contents.length).toBeLessThan(5_000_000);
  });
});
