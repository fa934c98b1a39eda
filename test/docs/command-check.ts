import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { execa } from 'execa';
import { binOf, ROOT } from '../../local/paths';
import type { Call } from './page-run';

/** Commands of the AWS command line that are no operation of a service's API. */
const AWS_CUSTOM = { 'sso login': [], 's3 cp': [] };

/** Options that every command of the AWS command line takes. */
const AWS_GLOBAL = ['--query', '--output', '--cli-binary-format'];

const optionsOf = (args: readonly string[]): string[] => args.filter((arg) => /^--?[a-z]/.test(arg));

/** Options of a call that are not among those of its command. */
const unknownOptions = (args: readonly string[], known: readonly string[]): string[] =>
  optionsOf(args)
    .filter((option) => !known.includes(option))
    .map((option) => `there is no option ${option}`);

/** `npm ci`, `npm test`, `npm run <script> -- …`. */
function npm([command = '', ...rest]: readonly string[]): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  if (command === 'ci' && rest.length === 0) return [];
  const [script = '', , ...given] = command === 'run' ? rest : [command];
  if (!(script in scripts)) return [`package.json has no script ${script}`];
  if (script !== 'local') return [];
  // Its own source instead of its --help, which takes seconds.
  const source = readFileSync(join(ROOT, 'local/main.ts'), 'utf8');
  return unknownOptions(given, source.match(/(?<=\.option\(\s*')--[a-z-]+/g) ?? []);
}

interface CdkCommand {
  readonly options?: Readonly<Record<string, { readonly alias?: string }>>;
}

const cdkOptions = (options: CdkCommand['options'] = {}): string[] =>
  Object.entries(options).flatMap(([name, { alias }]) => [`--${name}`, ...(alias ? [`-${alias}`] : [])]);

/** `npx cdk <command> …`, by the registry of commands that the CDK's command line brings, with an environment that is there. */
function npx([tool, command = '', ...rest]: readonly string[], folder: string): string[] {
  if (tool !== 'cdk') return [`npx ${tool}: only the CDK's command line is pinned`];
  const registry = JSON.parse(readFileSync(join(ROOT, 'node_modules/aws-cdk/lib/cli/cli-type-registry.json'), 'utf8'));
  const found: CdkCommand | undefined = registry.commands[command];
  if (!found) return [`there is no command ${command}`];
  const environment = rest.find((arg) => arg.startsWith('env='))?.slice('env='.length);
  const missing =
    environment !== undefined && !existsSync(join(folder, 'environments', `${environment}.json`))
      ? [`there is no environment ${environment}`]
      : [];
  return [...missing, ...unknownOptions(rest, [...cdkOptions(registry.globalOptions), ...cdkOptions(found.options)])];
}

const dashed = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** `aws <service> <operation> …`, by the models that the AWS SDK for Python brings. */
function aws([service = '', operation = '', ...rest]: readonly string[]): string[] {
  if (`${service} ${operation}` in AWS_CUSTOM) return [];
  const [data = ''] = globSync(join(binOf('aws'), '../lib/python*/site-packages/botocore/data'));
  if (!existsSync(join(data, service))) return [`AWS has no service ${service}`];
  const version = readdirSync(join(data, service)).sort().at(-1) ?? '';
  const model = JSON.parse(gunzipSync(readFileSync(join(data, service, version, 'service-2.json.gz'))).toString());
  const name = Object.keys(model.operations).find((known) => dashed(known) === operation);
  if (!name) return [`${service} has no operation ${operation}`];
  const members = Object.keys(model.shapes[model.operations[name].input.shape].members);
  return unknownOptions(rest, [...AWS_GLOBAL, ...members.map((member) => `--${dashed(member)}`)]);
}

const dbtHelp = new Map<string, Promise<string>>();

/** `dbt <command> …`, by its `--help`, which is asked once for each command. */
async function dbt([command = '', ...rest]: readonly string[]): Promise<string[]> {
  const help =
    dbtHelp.get(command) ?? execa(join(binOf('dbt'), 'dbt'), [command, '--help']).then(({ stdout }) => stdout);
  dbtHelp.set(command, help);
  return unknownOptions(rest, (await help).match(/(?<![\w-])--?[a-z][a-z-]*/g) ?? []);
}

/**
 * What is wrong with a call, by what the real tool says of itself; nothing where it would be accepted.
 *
 * @param folder where the page was run: environments that the page makes are there
 */
export async function problemsOf({ tool, args }: Call, folder: string): Promise<string[]> {
  const checks: Readonly<Record<string, () => string[] | Promise<string[]>>> = {
    npm: () => npm(args),
    npx: () => npx(args, folder),
    aws: () => aws(args),
    dbt: () => dbt(args),
  };
  const found = await checks[tool]?.();
  const call = [tool, ...args].join(' ');
  return (found ?? ['no check knows this tool']).map((problem) => `${call}: ${problem}`);
}
