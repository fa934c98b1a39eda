import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { ROOT } from '../../local/paths';

/** A command that a page's script called, as the shell handed it over. */
export interface Call {
  readonly tool: string;
  readonly args: readonly string[];
}

/**
 * What stands in for the tools that need an account, a long time or an installation: it notes how it was called. What later commands
 * of a page read it prints, or keeps.
 */
const STAND_IN = `#!/usr/bin/env bash
{ printf '%s' "$(basename "$0")"; printf '\\t%s' "$@"; printf '\\n'; } >> "$CALLS"
case "$2" in
  create-secret) cp login.json secret.json ;;
  get-secret-value) cat secret.json ;;
  describe-stacks) echo described ;;
  receive-message) echo '{"Body": "{}", "ReceiptHandle": "receipt"}' ;;
esac
`;

const TOOLS = ['bin/npm', 'bin/npx', 'bin/aws', '.local/env/dbt/bin/dbt'];

/** Variables that a page asks its reader to set: outputs of the stacks. */
const READERS_OWN = { QUEUE_URL: 'https://sqs.example.com/queue', STATE_MACHINE_ARN: 'arn:of:the:machine' };

/**
 * Runs the commands of a page in order, in an empty folder that has the shipped environments. Everything runs for real but the tools
 * above.
 *
 * @throws Error of the first command that fails, with what it said
 */
export async function runPage(folder: string, commands: readonly string[]): Promise<Call[]> {
  cpSync(join(ROOT, 'environments'), join(folder, 'environments'), { recursive: true });
  for (const tool of TOOLS) {
    const path = join(folder, tool);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, STAND_IN);
    chmodSync(path, 0o755);
  }
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  await execa('bash', ['-euo', 'pipefail', '-c', commands.join('\n')], {
    cwd: folder,
    env: { ...READERS_OWN, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, CALLS: calls },
  });
  return readFileSync(calls, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [tool = '', ...args] = line.split('\t');
      return { tool, args };
    });
}
