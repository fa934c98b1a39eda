/** `npm run reviews`: what an operator asks of a deployed environment, and what he does to it. */
import { Command, Option } from 'commander';
import { ConfigurationError } from '../lib/config/configuration-error';
import { FILE_STATUSES } from '../lib/contracts/outcomes';
import { files } from './commands/files';
import { open } from './commands/open';
import { rejects } from './commands/rejects';
import { replay } from './commands/replay';
import { status } from './commands/status';
import { validate } from './commands/validate';
import { why } from './commands/why';
import { connect, LOCAL_ENVIRONMENT } from './deployment';
import { metricsText } from './metrics-text';
import { OperatorError } from './operator-error';
import { readSince } from './since';

const program = new Command('npm run reviews --')
  .description('Shows what happened to every file and record of a deployed environment, and processes files again.')
  .option(
    '--env <name>',
    'environment, a file of environments/; "local" is the run kept up on this machine',
    LOCAL_ENVIRONMENT,
  )
  .showHelpAfterError()
  .addHelpText(
    'after',
    `
Examples:
  npm run reviews -- status --since 7d
  npm run reviews -- --env prod files --status FAILED
  npm run reviews -- files reviews/native/2026-11.jsonl
  npm run reviews -- why reviews/native/2026-11.jsonl#17
  npm run reviews -- validate export.jsonl --source native
  npm run reviews -- replay --failed --dry-run`,
  );

const since = (byDefault: string) =>
  new Option('--since <time>', 'so long ago (90m, 24h, 7d), or a time in ISO 8601')
    .argParser(readSince)
    .default(readSince(byDefault), byDefault);
const asJson = () => new Option('--json', 'write JSON instead of text');

const deployment = () => connect(program.opts<{ env: string }>().env);
const say = (text: string): void => console.log(text);

program
  .command('status')
  .description('files by source and status, running executions, failures, queues, and how fresh everything is')
  .addOption(since('24h'))
  .addOption(asJson())
  .action(async (options) => say(await status(await deployment(), options)));

program
  .command('files')
  .description('the ledger: the newest files, or the whole life of one')
  .argument('[key]', 'key in the raw bucket')
  .addOption(new Option('--status <status>', 'only these').choices(FILE_STATUSES))
  .option('--source <name>', 'only of this producer')
  .addOption(since('24h'))
  .option('--limit <n>', 'at most so many', Number, 50)
  .addOption(asJson())
  .action(async (key: string | undefined, options) => say(await files(await deployment(), key, options)));

program
  .command('rejects')
  .description('rejected records of a file, with every reason')
  .argument('<key>', 'key in the raw bucket')
  .option('--reason <code>', 'only for this reason (contracts/outcomes.json)')
  .option('--limit <n>', 'at most so many', Number, 20)
  .option('--show-personal-data', 'show what was found and the records themselves; that you asked is recorded')
  .addOption(asJson())
  .action(async (key: string, options) => say(await rejects(await deployment(), key, options)));

program
  .command('why')
  .description('what happened to one record: published, replaced by a newer one, or rejected and why')
  .argument('<key#record>', 'key in the raw bucket, # and the number of the record in the file, from 1')
  .action(async (place: string) => say(await why(await deployment(), place)));

program
  .command('validate')
  .description(
    'what would become of files of this machine: contract, counts, reasons with the first place; needs no AWS',
  )
  .argument('<paths...>', 'files of reviews')
  .option('--source <name>', 'read them by this contract of contracts/sources (default: recognised)')
  .addOption(asJson())
  .action(async (paths: string[], options) => {
    const { text, allPublishable } = await validate(paths, options);
    say(text);
    if (!allPublishable) process.exitCode = 1;
  });

program
  .command('replay')
  .description('process files that are FAILED again: what is published already is left alone')
  .argument('[keys...]', 'keys in the raw bucket')
  .option('--failed', 'all files that are FAILED')
  .addOption(since('7d'))
  .option('--dry-run', 'say what would be done, and do nothing')
  .action(async (keys: string[], options) => say(await replay(await deployment(), keys, options)));

program
  .command('metrics')
  .description('figures of the environment in the text form of Prometheus, for its textfile collector')
  .action(async () => {
    process.stdout.write(await metricsText(await deployment()));
  });

program
  .command('open')
  .description('serve a page on this machine that shows the flow, executions, files, quality and presentation tables')
  .action(async () => {
    const { url, stop } = await open(await deployment());
    say(`The page is served at:\n  ${url}\nIt only reads. Ctrl-C ends it.`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof OperatorError || error instanceof ConfigurationError || error instanceof Error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
