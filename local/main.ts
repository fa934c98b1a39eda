/** `npm run local`: the whole platform on this machine. What a command needs is read when it runs, so that --help answers at once. */
import { Command, Option } from 'commander';
import { readExtras } from './run/extras';
import type { RunOptions } from './run/run';
import { end, endOnSignals, isEnding } from './run/shutdown';

const program = new Command('npm run local --')
  .description(
    'Runs the whole platform on this machine: starts a local AWS, deploys the synthesised stacks, drops review files,\n' +
      'follows their executions and prints the outcome of every file and record.',
  )
  .showHelpAfterError();

const run = program
  .command('run', { isDefault: true })
  .description('drop files and folders (default: a generated sample of several producers)')
  .argument('[paths...]', 'review files, or folders of them; below a folder, <source>/<file> names the producer')
  .option(
    '--source <name>',
    "producer of every file, a name of contracts/sources (default: by the key's prefix or by content)",
  )
  .option('--report <file>', 'write the result as JSON')
  .option('--export <folder>', 'copy the published tables out as Parquet, a folder a table')
  .option('--no-airflow', 'run dbt directly: no Airflow, and no event that triggers it')
  .option(
    '--with <parts>',
    'run this too, names between commas: rest (connectors that ask APIs), postgres (a connector that reads a PostgreSQL), azure and gcs (connectors that copy objects of Azure Blob Storage and Google Cloud Storage), cdc (a PostgreSQL whose changes are captured), kafka (a broker, and a job that reads it)',
    readExtras,
  )
  .option('--keep', 'stay up after the run, for more files; serves a page that shows everything')
  .action(async (paths: string[], options: Omit<RunOptions, 'paths'>) => {
    const { run } = await import('./run/run');
    await end(await run({ paths, ...options }));
  });

program
  .command('drop')
  .description('drop files into the run that is kept up, then build its presentation tables')
  .argument('<paths...>', 'review files, or folders of them')
  .option('--source <name>', 'producer of every file')
  .option('--no-build', 'leave the presentation tables as they are')
  .action(async (paths: string[], options: { source?: string; build: boolean }) => {
    const { dropIntoKept } = await import('./run/drop-into-kept');
    await end(await dropIntoKept(paths, options));
  });

program
  .command('sql')
  .description('query the local Snowflake of the run that is kept up')
  .argument('<statement>', 'for example "select * from product_summary"; names are looked up in PRESENTATION')
  .addOption(new Option('--csv', 'comma-separated values, with a first line of names').conflicts(['json', 'vertical']))
  .addOption(new Option('--json', 'an array of objects').conflicts('vertical'))
  .addOption(new Option('--vertical', 'one column a line (default: where rows are wider than the screen)'))
  .action(async (statement: string, options: { csv?: true; json?: true; vertical?: true }) => {
    const { sql } = await import('./run/sql');
    const [format] = (['csv', 'json', 'vertical'] as const).filter((name) => options[name]);
    console.log(await sql(statement, format ?? 'table'));
    await end(0);
  });

program
  .command('status')
  .description('what runs on this machine, where it answers, and how its files are getting on')
  .action(async () => {
    const { keptStatus } = await import('./run/kept-status');
    console.log(await keptStatus());
    await end(0);
  });

program
  .command('stop')
  .description('stop the run that is kept up')
  .action(async () => {
    const { stopKept } = await import('./run/stop-kept');
    console.log(await stopKept());
    await end(0);
  });

program
  .command('clean')
  .description('remove the state of runs that have ended and all synthesised assemblies; what is installed stays')
  .action(async () => {
    const { clean } = await import('./run/disk-space');
    console.log(clean());
    await end(0);
  });

program.addHelpText(
  'after',
  `
${run
  .helpInformation()
  .replace(/^Usage:.*\n\n.*\n/, 'Arguments and options of "run", which need not be named:\n')
  .trimEnd()}

Examples:
  npm run local                                         a generated sample of several producers
  npm run local -- --source yelp reviews.json           a file of yours
  npm run local -- --no-airflow --report out.json data  a folder, without Airflow, with a report
  npm run local -- --with rest,postgres,mysql           and reviews that connectors fetch
  npm run local -- --with azure,gcs                     and files that connectors copy from other clouds
  npm run local -- --with cdc                           and a table of a PostgreSQL, followed in its changes
  npm run local -- --with kafka                         and reviews out of a topic of Kafka
  npm run local -- --keep                               stay up, with a page to look at
  npm run local -- drop more.jsonl                      one more file into it
  npm run local -- sql "select * from product_summary"  ask its Snowflake
  npm run local -- stop                                 stop it`,
);

endOnSignals();
try {
  await program.parseAsync();
} catch (error) {
  if (!isEnding()) console.error(`\n${error instanceof Error ? error.message : error}`);
  await end(1);
}
