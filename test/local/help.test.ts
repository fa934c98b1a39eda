import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { ROOT } from '../../local/paths';

it('shows every option and examples under --help, and reads nothing of the platform for it', async () => {
  const { stdout, exitCode } = await execa(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'local/main.ts'), '--help'],
    {
      cwd: ROOT,
      // Reading the AWS SDK or the CDK would fail, and take seconds.
      env: { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'refuse-heavy-modules.mjs')}` },
    },
  );
  expect(exitCode).toBe(0);
  for (const option of ['--source', '--report', '--export', '--no-airflow', '--keep']) expect(stdout).toContain(option);
  for (const command of ['drop', 'sql', 'status', 'stop', 'clean'])
    expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  expect(stdout).toContain('Examples:');
});
