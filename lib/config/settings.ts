import type { Node } from 'constructs';
import type { z } from 'zod';
import { valueAt } from '../contracts/value-at';
import { ConfigurationError } from './configuration-error';
import { ENVIRONMENTS_FOLDER, environmentNames, namesIn, pathOf, readEnvironment } from './environments';
import { type Settings, settingsSchema } from './schema';

/** The settings of the application, and whether its data may be deleted with its stacks. */
export interface Configuration {
  readonly settings: Settings;
  /** True only if the setting `data.destroyData` and the context flag `allowDestroy` both say so. */
  readonly destroyData: boolean;
}

/**
 * Reads the context flags `env` (name of the environment, default `dev`) and `allowDestroy` (name of the environment whose data may be destroyed).
 *
 * @throws ConfigurationError where a flag names no such environment or a setting is wrong
 */
export function loadConfiguration(node: Node): Configuration {
  const name: unknown = node.tryGetContext('env') ?? 'dev';
  if (typeof name !== 'string' || !namesIn(name).every((each) => environmentNames().includes(each))) {
    throw new ConfigurationError(
      `Context flag env: received ${JSON.stringify(name)}, allowed: ${environmentNames().join(', ')} (one file for each in ${ENVIRONMENTS_FOLDER}/; copy one to add another), or several with + between them.`,
    );
  }
  const settings = loadSettings(name);

  const allowDestroy: unknown = node.tryGetContext('allowDestroy');
  if (allowDestroy !== undefined && allowDestroy !== settings.environment) {
    throw new ConfigurationError(
      `Context flag allowDestroy: received ${JSON.stringify(allowDestroy)}, allowed: ${settings.environment}, the environment selected by -c env=${name}, or nothing.`,
    );
  }
  return { settings, destroyData: settings.data.destroyData && allowDestroy === settings.environment };
}

/**
 * The settings of an environment, complete and checked.
 *
 * @throws ConfigurationError where there is no such environment or a setting is wrong
 */
export function loadSettings(name: string): Settings {
  return parseSettings(readEnvironment(name), pathOf(name));
}

/**
 * Checks settings and fills in the defaults.
 *
 * @param origin where the settings come from, for the message
 * @throws ConfigurationError naming every wrong setting
 */
export function parseSettings(input: unknown, origin: string): Settings {
  const result = settingsSchema.safeParse(input);
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => describeIssue(issue, input));
  throw new ConfigurationError([`Settings of ${origin} are wrong:`, ...lines.map((line) => `  ${line}`)].join('\n'));
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string[] {
  if (issue.code === 'unrecognized_keys') {
    const value = valueAt(input, issue.path) as Record<string, unknown>;
    return issue.keys.map(
      (key) =>
        `${pathText([...issue.path, key])}: received ${JSON.stringify(value[key])}, but there is no such setting; lib/config/schema.ts lists them all`,
    );
  }
  const value = valueAt(input, issue.path);
  const received = value === undefined ? 'nothing' : JSON.stringify(value);
  return [`${pathText(issue.path)}: received ${received}; ${issue.message}`];
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(settings)' : path.map(String).join('.');
}
