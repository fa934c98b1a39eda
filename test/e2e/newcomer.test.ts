import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL, ROOT } from '../../local/paths';
import { commandsOf } from '../docs/markdown';
import { scratchFolder } from './support/command';

/**
 * The README's commands in a fresh checkout, as far as they need neither an account nor minutes: what `npm run local` prints is held to
 * the README by sample.test.ts, and `npm test` is what runs this.
 */
describe('a newcomer with a fresh checkout', () => {
  const folder = scratchFolder();
  const checkout = join(folder.path, 'review-pipeline');
  afterAll(() => folder[Symbol.dispose]());

  beforeAll(async () => {
    // What a clone would have: no file that git ignores.
    const list = await execa('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
    for (const file of list.stdout.split('\0').filter((name) => name && existsSync(join(ROOT, name)))) {
      mkdirSync(dirname(join(checkout, file)), { recursive: true });
      cpSync(join(ROOT, file), join(checkout, file));
    }
    // What the first command would install.
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
    mkdirSync(join(checkout, '.local'));
    for (const part of ['setup', 'env', 'kernel-wheels']) {
      if (existsSync(join(LOCAL, part))) symlinkSync(join(LOCAL, part), join(checkout, '.local', part));
    }
  });

  const commands = (): string[] =>
    commandsOf('README.md', readFileSync(join(checkout, 'README.md'), 'utf8')).map(({ text }) => text);
  const type = (command: string) => execa(command, { cwd: checkout, shell: true, all: true, reject: false });

  it('finds three commands in the README', () => {
    expect(commands()).toEqual(['npm run local', 'npm test', 'npx cdk deploy --all -c env=dev']);
  });

  it('starts npm run local and npm test, which explain their options', async () => {
    const [local = '', test = ''] = commands();
    const [ofLocal, ofTest] = [await type(`${local} -- --help`), await type(`${test} -- --help`)];
    expect(ofLocal.all).toContain('Usage: npm run local --');
    expect(ofTest.all).toContain('Usage: npm test --');
    expect([ofLocal.exitCode, ofTest.exitCode]).toEqual([0, 0]);
  });

  it('deploys by the README: the CDK finds the stacks of the environment', async () => {
    const deploy = commands()[2] ?? '';
    const listed = await type(deploy.replace('deploy --all', 'list'));
    expect(listed.exitCode, listed.all).toBe(0);
    expect(listed.stdout.split('\n')).toEqual(
      ['storage', 'processing', 'intake', 'monitoring'].map((stack) => `reviews-dev-${stack}`),
    );
  });
});
