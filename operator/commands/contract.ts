import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { SOURCES_FOLDER } from '../../lib/contracts/source-documents';
import { ROOT } from '../../local/paths';
import { setUp } from '../../local/setup/steps';
import { beginning, firstRecord } from '../contract/beginning';
import { contractNames, type Fault, faultOfContent, faultsOfForm } from '../contract/check';
import { runJobsCode } from '../jobs-code';
import { OperatorError } from '../operator-error';
import { json } from '../text';

const FIXTURES = 'test/glue/sources';

/** Rows of a table that are shown. */
const ROWS_SHOWN = 2;

const previewSchema = z.looseObject({
  status: z.string(),
  detail: z.string().optional(),
  recordsRead: z.number().default(0),
  published: z.number().default(0),
  rejected: z.record(z.string(), z.looseObject({ records: z.number(), first: z.number() })).default({}),
  recognisedAs: z.string().nullish(),
  rows: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))).default({}),
  unmapped: z.record(z.string(), z.number()).default({}),
  neverFilled: z.array(z.string()).default([]),
});
type Preview = z.infer<typeof previewSchema>;

/** Asks the jobs' own code (glue-scripts/reviews/workbench.py). */
async function workbench(...args: readonly string[]): Promise<unknown> {
  await setUp('validate');
  const { exitCode, stdout, lastWords } = await runJobsCode('reviews.workbench', args);
  if (exitCode !== 0) {
    throw new OperatorError(
      lastWords ?? 'The workbench ended and did not say why.',
      'Check the contract first: contract check.',
    );
  }
  return JSON.parse(stdout);
}

/** Faults of contracts: of their form first, and of those that have the form by the jobs' own reading. */
async function faultsOf(names: readonly string[]): Promise<Fault[]> {
  const ofForm = new Map(names.map((name) => [name, faultsOfForm(name)]));
  const wellFormed = names.filter((name) => ofForm.get(name)?.length === 0);
  const answer = z.record(z.string(), z.string().nullable()).parse(await workbench('check', ...wellFormed));
  return [
    ...[...ofForm.values()].flat(),
    ...Object.entries(answer).flatMap(([name, message]) => (message === null ? [] : [faultOfContent(name, message)])),
  ];
}

/**
 * Checks contracts against their schema and the tables: all of them, or those that are named.
 *
 * @returns the text, and whether all are in order
 */
export async function checkContracts(
  given: readonly string[],
  options: { json?: true } = {},
): Promise<{ text: string; inOrder: boolean }> {
  const names = given.length > 0 ? given : contractNames();
  const faults = await faultsOf(names);
  const inOrder = faults.length === 0;
  if (options.json) return { text: json({ checked: names, faults }), inOrder };
  const lines = faults.map(({ place, message }) => `${place}: ${message}`);
  return { text: inOrder ? `${names.length} contracts are in order.` : lines.join('\n'), inOrder };
}

async function previewed(name: string, path: string): Promise<Preview> {
  const [fault] = await faultsOf([name]);
  if (fault) throw new OperatorError(`${fault.place}: ${fault.message}`, 'Correct it, then look at the file again.');
  return previewSchema.parse(await workbench('preview', name, path));
}

/** Shows the rows that a file becomes by a contract, and what the contract makes nothing of. */
export async function previewContract(name: string, path: string, options: { json?: true } = {}): Promise<string> {
  const preview = await previewed(name, path);
  if (options.json) return json(preview);
  const { status, detail, recordsRead, published, rejected, recognisedAs, rows, unmapped, neverFilled } = preview;
  return [
    `${path} by ${name}: ${status}, ${published} of ${recordsRead} records published${detail ? `; ${detail}` : ''}`,
    ...Object.entries(rejected).map(([reason, { records, first }]) => `  ${reason}: ${records}, first #${first}`),
    recognisedAs === name
      ? `Recognised as ${name} wherever it lies.`
      : `Outside of reviews/${name}/ it is ${recognisedAs ? `ambiguous: taken for ${recognisedAs}` : 'not recognised'}; see "recognise".`,
    ...Object.entries(rows).flatMap(([table, found]) => [
      `${table}: ${found.length} rows`,
      ...found.slice(0, ROWS_SHOWN).map((row) => `  ${JSON.stringify(row)}`),
    ]),
    ...listed(
      'Kept in attributes, mapped by no field',
      Object.entries(unmapped).map(([key, count]) => `${key} (${count})`),
    ),
    ...listed('Mapped, and without a value in every record', neverFilled),
  ].join('\n');
}

const listed = (title: string, names: readonly string[]): string[] =>
  names.length > 0 ? [`${title}: ${names.join(', ')}`] : [];

/** Writes a contract to begin with and, where it already reads the file, its fixture. */
export async function newContract(name: string, path: string): Promise<string> {
  const target = join(ROOT, SOURCES_FOLDER, `${name}.json`);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || existsSync(target)) {
    throw new OperatorError(
      `${SOURCES_FOLDER}/${name}.json ${existsSync(target) ? 'is there already' : 'is no name of a contract'}.`,
      'Give another name: small letters, digits and hyphens.',
    );
  }
  const first = firstRecord(path);
  const { contract, missing } = beginning(name, first);
  writeFileSync(target, `${JSON.stringify(contract, null, 2)}\n`);
  const written = [`Written: ${relative(ROOT, target)}`];
  if (missing.length > 0) {
    return [
      ...written,
      `No usual name was found for ${missing.join(', ')}: put the right key in the place of "?", then: contract preview ${name} ${path}`,
    ].join('\n');
  }
  const { rows } = await previewed(name, path);
  const fixture = join(ROOT, FIXTURES, `${name}.json`);
  const expected = Object.fromEntries(Object.entries(rows).map(([table, found]) => [table, found.slice(0, 1)]));
  writeFileSync(fixture, `${JSON.stringify({ record: first.record, expected }, null, 2)}\n`);
  return [
    ...written,
    `Written: ${relative(ROOT, fixture)}, from the first record: put made-up names and texts in the place of a person's before you commit it.`,
    `Next: contract preview ${name} ${path}`,
  ].join('\n');
}
