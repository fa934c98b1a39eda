/**
 * `npm run docs`: builds the documentation's site into `.local/docs/site`, dbt's documentation and lineage included. A link that
 * leads nowhere stops the build.
 */
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { binOf, LOCAL, ROOT } from '../../local/paths';
import { setUp } from '../../local/setup/steps';
import { taskList } from '../../local/task-list';
import { markdownFiles } from './markdown-files';

/** The pages with what they show, in the folders that they have in the repository: so a link serves there and on the site. */
const PAGES = join(LOCAL, 'docs', 'pages');
const SITE = join(LOCAL, 'docs', 'site');

function stagePages(): void {
  rmSync(PAGES, { recursive: true, force: true });
  for (const file of [...markdownFiles(), ...globSync('docs/{images,monitoring}/*', { cwd: ROOT })]) {
    const target = join(PAGES, file);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(ROOT, file), target);
  }
}

/** Where Snowflake is named by the environment (`dbt/profiles.yml`), dbt adds the columns and sizes that it finds there. */
const snowflake = process.env.SNOWFLAKE_ACCOUNT !== undefined;

/** What dbt reads its profile with where it connects to nothing. */
const UNCONNECTED = {
  SNOWFLAKE_ACCOUNT: 'NONE',
  SNOWFLAKE_USER: 'NONE',
  SNOWFLAKE_ROLE: 'NONE',
  SNOWFLAKE_WAREHOUSE: 'NONE',
  SNOWFLAKE_DATABASE: 'REVIEWS',
  SNOWFLAKE_GOVERNANCE: 'true',
};

async function stageLineage(): Promise<void> {
  const target = join(LOCAL, 'docs', 'dbt');
  const dbt = (...args: string[]) =>
    execa(
      join(binOf('dbt'), 'dbt'),
      [
        ...args,
        ...['--project-dir', 'dbt', '--profiles-dir', 'dbt'],
        ...['--target-path', target, '--log-path', join(target, 'logs')],
      ],
      { cwd: ROOT, env: snowflake ? {} : UNCONNECTED, all: true },
    );
  // Without compiling, dbt takes the manifest that is there.
  if (!snowflake) await dbt('parse');
  await dbt('docs', 'generate', '--static', ...(snowflake ? [] : ['--empty-catalog', '--no-compile']));
  mkdirSync(join(PAGES, 'dbt-docs'), { recursive: true });
  cpSync(join(target, 'static_index.html'), join(PAGES, 'dbt-docs', 'index.html'));
  const found = snowflake
    ? 'It has what was found in Snowflake: columns, types and sizes.'
    : 'It was made from the project alone. With the `SNOWFLAKE_…` variables of `dbt/profiles.yml` set, it also has what is found in Snowflake.';
  writeFileSync(
    join(PAGES, 'docs', 'lineage.md'),
    `# Lineage\n\n[dbt's documentation](../dbt-docs/index.html) shows every model, test and exposure, and the graph of their lineage. ${found}\n`,
  );
}

await setUp('docs');
try {
  await taskList([
    { title: 'Collect the pages', task: stagePages },
    { title: "Write dbt's documentation", task: stageLineage },
    {
      title: 'Build the site and check its links',
      task: async () => {
        const config = join(ROOT, 'docs/site/mkdocs.yml');
        // The theme's note on other projects of its makers is none of this build's findings.
        const env = { NO_MKDOCS_2_WARNING: '1' };
        await execa(join(binOf('docs'), 'mkdocs'), ['build', '--strict', '--quiet', '-f', config], { env, all: true });
      },
    },
  ]).run();
  console.log(`The site is built: open ${join(SITE, 'index.html')}`);
} catch (error) {
  console.error(error instanceof ExecaError ? error.all : error);
  process.exitCode = 1;
}
