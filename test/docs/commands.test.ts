import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { markdownFiles } from '../../docs/site/markdown-files';
import { parseSettings } from '../../lib/config/settings';
import { ROOT } from '../../local/paths';
import { scratchFolder } from '../e2e/support/command';
import { problemsOf } from './command-check';
import { commandsOf } from './markdown';
import { type Call, runPage } from './page-run';

/**
 * How the commands of the documentation's `bash` blocks are tried:
 *
 * | command | how |
 * |---|---|
 * | `cp`, `sed`, `echo`, `rm`, `export`, `python3`, `openssl` | run, in a folder with nothing but the shipped environments |
 * | `npm run local` | run by test/e2e/sample.test.ts; its options are those of local/main.ts |
 * | `npm ci`, `npm test`, other scripts | the script is in package.json |
 * | `npx cdk` | command and options against the CDK's own registry; the environment is there, and its settings are accepted |
 * | `aws` | service, operation and options against the models of the AWS SDK |
 * | `dbt` | command and options against its `--help` |
 */
const pages = markdownFiles()
  .map((file) => ({ file, commands: commandsOf(file, readFileSync(join(ROOT, file), 'utf8')) }))
  .filter(({ commands }) => commands.length > 0);

describe('the commands of the documentation', () => {
  const folders = new Map(pages.map(({ file }) => [file, scratchFolder()]));
  const folderOf = (file: string): string => folders.get(file)?.path ?? '';
  const calls: Call[] = [];
  afterAll(() => {
    for (const folder of folders.values()) folder[Symbol.dispose]();
  });

  it.each(pages)('$file can be copied line by line: every command is accepted', async ({ file, commands }) => {
    const called = await runPage(
      folderOf(file),
      commands.map(({ text }) => text),
    );
    calls.push(...called);
    const problems = await Promise.all(called.map((call) => problemsOf(call, folderOf(file))));
    expect(problems.flat()).toEqual([]);
  });

  it('docs/deploy.md makes an environment that is accepted as it is, and a secret that the deployment can log in with', () => {
    const made = readFileSync(join(folderOf('docs/deploy.md'), 'environments/staging.json'), 'utf8');
    const { $schema: _schema, description: _description, ...settings } = JSON.parse(made);
    expect(parseSettings(settings, 'staging')).toMatchObject({
      environment: 'staging',
      warehouse: { secretName: 'reviews/staging/snowflake' },
    });
    const secret = JSON.parse(readFileSync(join(folderOf('docs/deploy.md'), 'secret.json'), 'utf8'));
    expect(secret.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('asks for outputs and stacks that the app has', () => {
    const app = globSync('lib/**/*-stack.ts', { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8'));
    const asked = calls.filter(({ args }) => args[1] === 'describe-stacks').map(({ args }) => args.join(' '));
    expect(asked).not.toEqual([]);
    for (const call of asked) {
      const [, stack, output] = /--stack-name reviews-staging-(\w+) .*OutputKey=='(\w+)'/.exec(call) ?? [];
      expect(readFileSync(join(ROOT, 'lib/review-pipeline.ts'), 'utf8')).toContain(`\${prefix}-${stack}\``);
      expect(app.join()).toContain(`new CfnOutput(this, '${output}'`);
    }
  });
});

describe('the check of commands', () => {
  const { path } = scratchFolder();
  it.each<[string, string[], string]>([
    ['npm', ['run', 'gone'], 'package.json has no script gone'],
    ['npm', ['run', 'local', '--', '--gone'], 'there is no option --gone'],
    ['npx', ['cdk', 'deploy', '--gone'], 'there is no option --gone'],
    ['npx', ['cdk', 'deploy', '-c', 'env=gone'], 'there is no environment gone'],
    ['aws', ['stepfunctions', 'list-gone'], 'stepfunctions has no operation list-gone'],
    ['aws', ['dynamodb', 'query', '--gone'], 'there is no option --gone'],
    ['dbt', ['build', '--gone'], 'there is no option --gone'],
  ])('refuses %s %j', async (tool, args, problem) => {
    expect(await problemsOf({ tool, args }, path)).toEqual([`${[tool, ...args].join(' ')}: ${problem}`]);
  });
});
