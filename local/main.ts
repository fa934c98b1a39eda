/** `npm run local`: the whole platform on this machine. */
import { Command } from 'commander';
import { WarehouseSession } from './platform/warehouse';
import { filesToDrop } from './run/drop';
import { endedWell } from './run/file-result';
import { newestKept } from './run/kept';
import { processFiles } from './run/progress';
import { rowTable } from './run/result';
import { type RunOptions, run } from './run/run';
import { end, endOnSignals, isEnding } from './run/shutdown';

const program = new Command('npm run local --')
  .description(
    'Runs the whole platform on this machine: starts a local AWS, deploys the synthesised stacks, drops review files,\n' +
      'follows their executions and prints the outcome of every file and record.',
  )
  .showHelpAfterError();

program
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
  .option('--keep', 'stay up after the run, for more files')
  .action(async (paths: string[], options: Omit<RunOptions, 'paths'>) => end(await run({ paths, ...options })));

program
  .command('drop')
  .description('drop files into the run that is kept up on this machine')
  .argument('<paths...>', 'review files, or folders of them')
  .option('--source <name>', 'producer of every file')
  .action(async (paths: string[], { source }: { source?: string }) => {
    const { results } = await processFiles(newestKept(), filesToDrop(paths, source));
    await end(results.every(endedWell) ? 0 : 1);
  });

program
  .command('sql')
  .description('query the local Snowflake of the run that is kept up on this machine')
  .argument('<statement>', 'for example "select * from product_summary"; names are looked up in PRESENTATION')
  .action(async (statement: string) => {
    const { accessUrl, dbt } = newestKept().warehouse;
    const session = await WarehouseSession.open(accessUrl, dbt);
    console.log(rowTable(await session.query(statement)));
    await session.close();
    await end(0);
  });

endOnSignals();
try {
  await program.parseAsync();
} catch (error) {
  if (!isEnding()) console.error(`\n${error instanceof Error ? error.message : error}`);
  await end(1);
}
