/** `npm run bench`: sets up what is missing and measures. */
import { delimiter, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { execa } from 'execa';
import { binOf, type PythonEnvironment, ROOT } from '../../local/paths';
import { end, endOnSignals } from '../../local/run/shutdown';
import { setUp } from '../../local/setup/steps';
import { type AirflowBenchOptions, airflowBench } from './airflow';
import { type ConnectorsBenchOptions, connectorsBench } from './connectors';
import { type KafkaBenchOptions, kafkaBench } from './kafka';
import { filesBench, type LocalBenchOptions, localBench } from './local';
import { type WarehouseBenchOptions, warehouseBench } from './warehouse';

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number greater than 0.');
  return Number(text);
}

async function runPython(
  script: string,
  args: readonly string[],
  environment: PythonEnvironment = 'bench',
): Promise<void> {
  const bin = binOf(environment);
  const { exitCode } = await execa(join(bin, 'python'), [join(ROOT, 'test/bench', script), ...args], {
    stdio: 'inherit',
    reject: false,
    // spark-submit finds its Python by the path.
    env: { PATH: `${bin}${delimiter}${process.env.PATH}` },
  });
  process.exitCode = exitCode ?? 1;
}

const program = new Command('npm run bench --')
  .description('Measures speed and memory; aims are reported, not enforced.')
  .showHelpAfterError();

program
  .command('jobs', { isDefault: true })
  .description('the Glue jobs on a million reviews, beside DuckDB; options go to bench.py (jobs --help)')
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (_options, { args }: Command) => {
    await setUp('bench');
    await runPython('bench.py', args);
  });

program
  .command('forms')
  .description('the splitter on every form that producers ship; options go to forms.py (forms --help)')
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (_options, { args }: Command) => {
    await setUp('bench');
    await runPython('forms.py', args);
  });

program
  .command('cdc')
  .description('change capture at 5,000 changes a second, from a real PostgreSQL; options go to cdc.py (cdc --help)')
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (_options, { args }: Command) => {
    await setUp('bench cdc');
    await runPython('cdc.py', args, 'dms');
  });

program
  .command('compaction')
  .description('a compaction to files of 128 to 256 MB; options go to compaction.py (compaction --help)')
  .helpOption(false)
  .allowUnknownOption()
  .allowExcessArguments()
  .action((_options, { args }: Command) => runPython('compaction.py', args));

program
  .command('warehouse')
  .description('provisioning and dbt on the one-machine edition, beside DuckDB on the same files')
  .option('--reviews <number>', 'records of the first load', count, 100_000)
  .option('--report <file>', 'write the figures as JSON')
  .action(async (options: WarehouseBenchOptions) => {
    await setUp('local', 'bench');
    await warehouseBench(options);
    await end(0);
  });

program
  .command('airflow')
  .description('Airflow on the one-machine edition: installation, start, event to run, beside dbt alone')
  .option('--report <file>', 'write the figures as JSON')
  .action(async (options: AirflowBenchOptions) => {
    await setUp('local', 'bench');
    await airflowBench(options);
    await end(0);
  });

program
  .command('connectors')
  .description('a connector on the one-machine edition: 100,000 rows of a real PostgreSQL to published')
  .option('--report <file>', 'write the figures as JSON')
  .action(async (options: ConnectorsBenchOptions) => {
    await setUp('local', 'local --with postgres', 'bench');
    await connectorsBench(options);
    await end(0);
  });

program
  .command('kafka')
  .description('a stream on the one-machine edition: message to row in RAW and in a mart, messages a second')
  .option('--report <file>', 'write the figures as JSON')
  .action(async (options: KafkaBenchOptions) => {
    await setUp('local', 'local --with kafka', 'bench');
    await kafkaBench(options);
    await end(0);
  });

program
  .command('files')
  .description(
    'npm run local on a thousand small files, on 117 larger ones and on real files: the part of "local" about many files',
  )
  .option('--files <path>', 'real review files, or a folder of them, to run as well')
  .option('--report <file>', 'write the figures as JSON')
  .action(async (options: LocalBenchOptions) => {
    await setUp('local', 'bench');
    await filesBench(options);
    await end(0);
  });

program
  .command('local')
  .description('npm run local by step: its sample with and without Airflow, many files')
  .option('--files <path>', 'real review files, or a folder of them, to run as well')
  .option('--report <file>', 'write the figures as JSON')
  .action(async (options: LocalBenchOptions) => {
    await setUp('local', 'bench');
    await localBench(options);
    await end(0);
  });

endOnSignals();
try {
  await program.parseAsync();
} catch (error) {
  console.error(`\nbench: ${error instanceof Error ? error.message : error}`);
  await end(1);
}
