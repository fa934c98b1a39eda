import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { SOURCES_FOLDER } from '../../lib/contracts/source-documents';
import { ROOT } from '../../local/paths';
import { setUp } from '../../local/setup/steps';
import { beginning, firstRecord } from '../contract/beginning';
import { contractNames, type Fault, faultOfContent, faultsOfForm, pathOf } from '../contract/check';
import { runJobsCode } from '../jobs-code';
import { OperatorError } from '../operator-error';
import { json } from '../text';

const FIXTURES = 'test/glue/sources';

/** Rows of each table that the preview shows. */
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
async function workbench(args: readonly string[], root?: string): Promise<unknown> {
  await setUp('validate');
  const { exitCode, stdout, lastWords } = await runJobsCode('reviews.workbench', args, { root });
  if (exitCode !== 0) {
    throw new OperatorError(
      lastWords ?? 'The workbench ended and did not say why.',
      'Check the contract first: contract check.',
    );
  }
  return JSON.parse(stdout);
}

/** Faults of contracts: faults of form first; the jobs' own code then reads the contracts whose form is right. */
async function faultsOf(names: readonly string[], root?: string): Promise<Fault[]> {
  const ofForm = new Map(names.map((name) => [name, faultsOfForm(name, root)]));
  const wellFormed = names.filter((name) => ofForm.get(name)?.length === 0);
  const answer = z.record(z.string(), z.string().nullable()).parse(await workbench(['check', ...wellFormed], root));
  return [
    ...[...ofForm.values()].flat(),
    ...Object.entries(answer).flatMap(([name, message]) =>
      message === null ? [] : [faultOfContent(name, message, readFileSync(pathOf(name, root), 'utf8'))],
    ),
  ];
}

/**
 * Checks contracts against their schema and the tables: the named ones, or all.
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

async function previewed(name: string, path: string, root?: string): Promise<Preview> {
  const [fault] = await faultsOf([name], root);
  if (fault) throw new OperatorError(`${fault.place}: ${fault.message}`, 'Correct it, then look at the file again.');
  return previewSchema.parse(await workbench(['preview', name, resolve(path)], root));
}

/** Shows the rows that a contract makes of a file, and the fields that it does not use. */
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

/**
 * Writes a first contract for a producer and, if the contract reads the file already, its fixture.
 *
 * @param root checkout in which they are written
 */
export async function newContract(
  name: string,
  path: string,
  { json: asJson, root = ROOT }: { json?: true; root?: string } = {},
): Promise<string> {
  const target = pathOf(name, root);
  if (!/^[a-z][a-z0-9-]*$/.test(name) || existsSync(target)) {
    throw new OperatorError(
      `${SOURCES_FOLDER}/${name}.json ${existsSync(target) ? 'is there already' : 'is no name of a contract'}.`,
      'Give another name: small letters, digits and hyphens.',
    );
  }
  const first = firstRecord(path);
  const { contract, missing } = beginning(name, first);
  writeFileSync(target, `${JSON.stringify(contract, null, 2)}\n`);
  const fixture = missing.length > 0 ? undefined : await newFixture(name, path, { root, record: first.record });
  const next = `contract preview ${name} ${path}`;
  if (asJson) return json({ contract: target, fixture: fixture ?? null, missing, next });
  const written = [target, ...(fixture ? [fixture] : [])].map((each) => `Written: ${relative(root, each)}`);
  return [
    ...written,
    fixture
      ? `The fixture is the first record: put made-up names and texts in the place of a person's before you commit it.\nNext: ${next}`
      : `No usual name was found for ${missing.join(', ')}: put the right key in the place of "?", then: ${next}`,
  ].join('\n');
}

/** Writes the fixture of a contract that reads the file: its first record, and the rows made of it. */
async function newFixture(
  name: string,
  path: string,
  { root, record }: { root: string; record: object },
): Promise<string> {
  const { rows } = await previewed(name, path, root);
  const fixture = join(root, FIXTURES, `${name}.json`);
  const expected = Object.fromEntries(Object.entries(rows).map(([table, found]) => [table, found.slice(0, 1)]));
  writeFileSync(fixture, `${JSON.stringify({ record, expected }, null, 2)}\n`);
  return fixture;
}
