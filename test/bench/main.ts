/** `npm run bench`: sets up what is missing and measures. */
import { delimiter, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { execa } from 'execa';
import { binOf, type PythonEnvironment, ROOT } from '../../local/paths';
import { end, endOnSignals } from '../../local/run/shutdown';
import { type Command as Need, setUp } from '../../local/setup/steps';
import { airflowBench } from './airflow';
import { connectorsBench } from './connectors';
import { kafkaBench } from './kafka';
import { filesBench, localBench } from './local';
import { warehouseBench } from './warehouse';

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number greater than 0.');
  return Number(text);
}

const program = new Command('npm run bench --')
  .description('Measures speed and memory; aims are reported, not enforced.')
  .showHelpAfterError();

/** Adds a command whose work and options are those of a script of Python beside this file. */
function scriptBench(
  name: string,
  description: string,
  script: string,
  {
    isDefault = false,
    needs = ['bench'],
    environment = 'bench',
  }: { isDefault?: boolean; needs?: readonly Need[]; environment?: PythonEnvironment } = {},
): void {
  program
    .command(name, { isDefault })
    .description(`${description}; options go to ${script} (${name} --help)`)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (_options, { args }: Command) => {
      await setUp(...needs);
      const bin = binOf(environment);
      const { exitCode } = await execa(join(bin, 'python'), [join(ROOT, 'test/bench', script), ...args], {
        stdio: 'inherit',
        reject: false,
        // spark-submit finds its Python by the path.
        env: { PATH: `${bin}${delimiter}${process.env.PATH}` },
      });
      process.exitCode = exitCode ?? 1;
    });
}

/** Adds a command that starts the one-machine edition, with what it needs beside that. */
function platformBench<Options extends { readonly report?: string }>(
  name: string,
  description: string,
  bench: (options: Options) => Promise<void>,
  ...more: readonly Need[]
): Command {
  return program
    .command(name)
    .description(description)
    .option('--report <file>', 'write the figures as JSON')
    .action(async (options: Options) => {
      await setUp('local', ...more, 'bench');
      await bench(options);
      await end(0);
    });
}

const FILES = ['--files <path>', 'real review files, or a folder of them, to run as well'] as const;

scriptBench('jobs', 'the Glue jobs on a million reviews, beside DuckDB', 'bench.py', { isDefault: true });
scriptBench('forms', 'the splitter on every form that producers ship', 'forms.py');
scriptBench('cdc', 'change capture at 5,000 changes a second, from a real PostgreSQL', 'cdc.py', {
  needs: ['bench cdc'],
  environment: 'dms',
});
scriptBench('connector-memory', 'the memory of a connector, by kind of source', 'connector_memory.py', {
  needs: ['bench connector-memory'],
  environment: 'connectors',
});
scriptBench('compaction', 'a compaction to files of 128 to 256 MB', 'compaction.py');
platformBench(
  'warehouse',
  'provisioning and dbt on the one-machine edition, beside DuckDB on the same files',
  warehouseBench,
).option('--reviews <number>', 'records of the first load', count, 100_000);
platformBench(
  'airflow',
  'Airflow on the one-machine edition: installation, start, event to run, beside dbt alone',
  airflowBench,
);
platformBench(
  'connectors',
  'a connector on the one-machine edition: 100,000 rows of a real PostgreSQL to published',
  connectorsBench,
  'local --with postgres',
);
platformBench(
  'kafka',
  'a stream on the one-machine edition: message to row in RAW and in a mart, messages a second',
  kafkaBench,
  'local --with kafka',
);
platformBench(
  'files',
  'npm run local on a thousand small files, on 117 larger ones and on real files: the part of "local" about many files',
  filesBench,
).option(...FILES);
platformBench('local', 'npm run local by step: its sample with and without Airflow, many files', localBench).option(
  ...FILES,
);

endOnSignals();
try {
  await program.parseAsync();
} catch (error) {
  console.error(`\nbench: ${error instanceof Error ? error.message : error}`);
  await end(1);
}
