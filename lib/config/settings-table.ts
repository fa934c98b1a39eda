import { environmentJsonSchema } from './json-schema';

/** What the table reads of a JSON Schema. */
interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly oneOf?: readonly Schema[];
}

/** One setting: its place in the file, and what the reader has to know. */
interface Row {
  readonly path: string;
  readonly allowed: string;
  readonly standard: string;
  readonly description: string;
}

const HEADER = `<!-- Written by \`npm run schema\` from lib/config/schema.ts: change the setting there, then run it. -->

# Settings

Every setting of an environment's file (\`environments/<name>.json\`). [Configuration](configuration.md) says how to use them. A dot leads into an object: \`glue.workerType\` is \`{"glue": {"workerType": …}}\`.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

function allowed(schema: Schema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  switch (schema.type) {
    case 'array':
      return schema.minItems === undefined
        ? `list: ${allowed(schema.items ?? {})}`
        : `list of ${schema.minItems}: ${allowed(schema.items ?? {})}`;
    case 'integer':
      return range(schema);
    case 'object':
      return 'object';
    case 'string':
      return schema.format ?? (schema.pattern ? `string, \`${schema.pattern}\`` : 'string');
    default:
      return schema.type ?? '';
  }
}

function range({ minimum, maximum }: Schema): string {
  // zod bounds what has no limit of its own by JavaScript's greatest integer.
  return maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? `≥ ${minimum}` : `${minimum} to ${maximum}`;
}

function* rowsOf(path: string, schema: Schema, required: boolean): Generator<Row> {
  const parts = schema.properties && Object.entries(schema.properties);
  if (schema.description || !parts) {
    const group = parts !== undefined || schema.oneOf !== undefined;
    yield {
      path,
      allowed: schema.oneOf ? 'object, one of the following' : allowed(schema),
      standard: standardOf(schema, required, group),
      description: schema.description ?? '',
    };
  }
  for (const [name, part] of parts ?? []) yield* rowsOf(`${path}.${name}`, part, isRequired(schema, name));
  for (const choice of schema.oneOf ?? []) yield* choiceRows(path, choice);
  if (schema.items) yield* partRows(`${path}[]`, schema.items);
  if (typeof schema.additionalProperties === 'object') yield* partRows(`${path}.*`, schema.additionalProperties);
}

function* partRows(path: string, part: Schema): Generator<Row> {
  for (const [name, each] of Object.entries(part.properties ?? {}))
    yield* rowsOf(`${path}.${name}`, each, isRequired(part, name));
}

const isRequired = ({ required }: Schema, name: string): boolean => required?.includes(name) ?? false;

function standardOf(schema: Schema, required: boolean, group: boolean): string {
  if (required) return schema.const === undefined ? 'required' : '';
  if (schema.default === undefined) return 'none';
  // The parts of the object state their own.
  return group && Object.keys(schema.default as object).length === 0 ? '' : code(schema.default);
}

/** The settings of one choice of several, each with the mode that it belongs to. */
function* choiceRows(path: string, choice: Schema): Generator<Row> {
  const { mode, ...others } = choice.properties ?? {};
  yield* rowsOf(`${path}.mode`, mode as Schema, true);
  const when = `Only with mode ${String(mode?.const)}.`;
  for (const [name, part] of Object.entries(others)) {
    for (const row of rowsOf(`${path}.${name}`, part, isRequired(choice, name)))
      yield { ...row, description: `${row.description} ${when}` };
  }
}

/** The settings as a Markdown page: one table for what stands alone, and one for each group of settings. */
export function settingsPage(): string {
  const { $schema: _schema, ...properties } = environmentJsonSchema().properties as Record<string, Schema>;
  const entries = Object.entries(properties);
  const isGroup = ([, schema]: [string, Schema]): boolean => Boolean(schema.properties ?? schema.oneOf);
  const alone = entries.filter((entry) => !isGroup(entry));
  const sections = [
    section(
      'The environment',
      alone.flatMap(([name, schema]) => [...rowsOf(name, schema, name === 'environment')]),
    ),
    ...entries.filter(isGroup).map(([name, schema]) => {
      const [group, ...rows] = [...rowsOf(name, schema, false)];
      return section(`\`${name}\``, rows, group);
    }),
  ];
  return `${[HEADER, ...sections].join('\n')}`;
}

function section(title: string, rows: readonly Row[], group?: Row): string {
  const lines = rows.map(
    (row) => `| \`${row.path}\` | ${cell(row.allowed)} | ${cell(row.standard)} | ${cell(row.description)} |`,
  );
  const standard = group?.standard ? ` Default: ${group.standard}.` : '';
  const said = group ? [`${group.description}${standard}`, ''] : [];
  return [
    `## ${title}`,
    '',
    ...said,
    '| setting | allowed | default | meaning |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}
