import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outcomes } from '../../lib/contracts/outcomes';
import { sources } from '../../lib/contracts/sources';
import { fileId } from '../../lib/functions/ledger/identity';
import { setUp } from '../../local/setup/steps';
import { principalOf, recordAudit } from '../audit';
import type { Deployment } from '../deployment';
import { carryOut } from '../erasure/carry-out';
import type { Person } from '../erasure/jobs';
import { type Searched, search } from '../erasure/search';
import { publishedTraces, warehouseTraces } from '../erasure/traces';
import { filesByStatus } from '../ledger-queries';
import { OperatorError } from '../operator-error';
import { json } from '../text';
import type { Watching } from '../watching';

interface EraseOptions extends Person {
  readonly dryRun?: true;
  readonly json?: true;
}

interface Attendant {
  /** Shows what would be erased and asks for permission. */
  readonly agree: (plan: string) => Promise<boolean>;
  readonly watching: Watching;
}

/** What one run of the command found and did. */
interface Erasure {
  readonly versions: number;
  readonly files: readonly {
    readonly key: string;
    readonly versionId: string;
    readonly records: number;
    readonly erased: number;
    /** Erased records that could not be read and that name the person. */
    readonly damaged: number;
  }[];
  readonly unreadable: readonly string[];
  readonly unread: number;
}

const erasureOf = ({ versions, held, unreadable, unread }: Searched): Erasure => ({
  versions,
  files: held.map(({ version: { key, versionId }, found: { records, own, damaged } }) => ({
    key,
    versionId,
    records,
    erased: own,
    damaged,
  })),
  unreadable: unreadable.map(({ key }) => key),
  unread,
});

function described({ settings }: Deployment, { reviewer }: Person, erasure: Erasure): string {
  const { versions, files, unreadable, unread } = erasure;
  const named = files.filter(({ key }) => key.includes(reviewer)).length;
  return [
    `${versions} versions were searched; ${files.length} hold records of the person:`,
    ...files.map(({ key, versionId, records, erased, damaged }) => {
      const unsure = damaged > 0 ? `, ${damaged} of them damaged ones that name the person` : '';
      return `  ${key} (version ${versionId}): ${records} records - ${erased} erased${unsure} = ${records - erased}`;
    }),
    ...(unreadable.length > 0
      ? [`Nobody can read these files, so they were not searched: ${unreadable.join(', ')}`]
      : []),
    ...(unread > 0 ? [`${unread} records were not searched whole: they are too large, or not unpacked.`] : []),
    ...(named > 0
      ? [`${named} keys hold the id. Keys stay in the ledger and in the history: have the producer use others.`]
      : []),
    ...(settings.data.replica
      ? ['The copies in the other region (data.replica) stay: see docs/security-and-compliance.md.']
      : []),
  ].join('\n');
}

/** @throws OperatorError if something of the person cannot be erased: then nothing is erased */
async function assertErasable(deployment: Deployment, person: Person, { held, refused }: Searched): Promise<void> {
  const open = held.filter(({ entry }) => entry && !outcomes.fileStatuses[entry.status].terminal);
  if (open.length > 0) {
    throw new OperatorError(
      `Nothing was erased: ${open.map(({ version }) => version.key).join(', ')} ${open.length === 1 ? 'is' : 'are'} under way.`,
      'Wait for the end (see "status"), then repeat the command.',
    );
  }
  if (refused.length > 0) {
    const lines = refused.map(({ version: { key, versionId }, why }) => `  ${key} (version ${versionId}): ${why}`);
    throw new OperatorError(
      ['Nothing was erased, because of these files:', ...lines].join('\n'),
      'Have the producer send them in another form, delete these versions, and repeat the command.',
    );
  }
  const known = new Set(held.map(({ version }) => fileId(version)));
  const orphans = [...(await publishedTraces(deployment, person)).counted].filter((id) => !known.has(id));
  if (orphans.length > 0) {
    const entries = (await filesByStatus(deployment, { since: new Date(0) })).filter(({ file_id }) =>
      orphans.includes(file_id),
    );
    const names = entries.map((entry) => `${entry.object} (version ${entry.version_id})`);
    throw new OperatorError(
      `Nothing was erased: rows of the person are published of files whose received versions are gone: ${names.join(', ') || orphans.join(', ')}.`,
      'Put these files again from a backup, or remove the rows of their batches, and repeat the command.',
    );
  }
}

/** Whether the records of a source say who wrote them. */
const namesReviewers = (source: string): boolean => Object.hasOwn(sources.get(source)?.fields ?? {}, 'reviewer_id');

/**
 * Erases a person's records from every received version, from the published tables and from the work areas; all other records stay as
 * they are. Snowflake follows by itself: run the command again to see whether it has.
 *
 * @returns the text, and whether nothing of the person is left
 */
export async function erase(
  deployment: Deployment,
  options: EraseOptions,
  { agree, watching }: Attendant,
): Promise<{ text: string; isGone: boolean }> {
  const person = { source: options.source, reviewer: options.reviewer };
  if (!namesReviewers(person.source)) {
    throw new OperatorError(
      sources.has(person.source)
        ? `Records of ${person.source} name no reviewer: its contract has no field reviewer_id.`
        : `There is no source ${person.source}.`,
      'contracts/sources has the names of all producers, and what their records hold.',
    );
  }
  await setUp('validate');
  // Only its owner may read it: it holds texts that people wrote.
  const folder = await mkdtemp(join(tmpdir(), 'erasure-'));
  try {
    const searched = await watching('Search', (say) => search(deployment, person, folder, say));
    const erasure = erasureOf(searched);
    await assertErasable(deployment, person, searched);
    const plan = described(deployment, person, erasure);
    if (options.dryRun) return { text: options.json ? json(erasure) : plan, isGone: searched.held.length === 0 };
    const locked =
      searched.held.length > 0 ? await change(deployment, options, searched, plan, { agree, watching }) : [];
    return await verified(deployment, options, erasure, locked);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Erases what was found after the operator has agreed; returns the keys of versions that Object Lock still holds. */
async function change(
  deployment: Deployment,
  { source }: EraseOptions,
  { held }: Searched,
  plan: string,
  { agree, watching }: Attendant,
): Promise<string[]> {
  if (!(await agree(plan))) throw new OperatorError('Nothing was erased.', 'Run it again and agree, or give --yes.');
  const counts = { source, versions: held.length, records: held.reduce((sum, { found }) => sum + found.own, 0) };
  // The record comes first: nothing is erased without it.
  await recordAudit(deployment, 'erasures', { action: 'erase', step: 'begun', ...counts });
  const principal = await principalOf(deployment);
  const { locked } = await watching('Erase', (say) => carryOut(deployment, held, principal, say));
  await recordAudit(deployment, 'erasures', { action: 'erase', step: 'done', ...counts, locked: locked.length });
  return locked.map(({ key }) => key);
}

async function verified(
  deployment: Deployment,
  options: EraseOptions,
  erasure: Erasure,
  locked: readonly string[],
): Promise<{ text: string; isGone: boolean }> {
  const { counted, waiting } = await publishedTraces(deployment, options);
  if (counted.size > 0) {
    throw new OperatorError(
      `${counted.size} files still have rows of the person in the published tables.`,
      'They were published meanwhile: run the same command again.',
    );
  }
  const erased = await filesByStatus(deployment, { since: new Date(0), statuses: ['ERASED'] });
  const ids = erased.filter(({ source }) => source === options.source).map(({ file_id }) => file_id);
  const warehouse = await warehouseTraces(deployment, ids);
  const isGone = locked.length === 0 && waiting.size === 0 && (warehouse ?? []).length === 0;
  if (options.json) return { text: json({ ...erasure, locked, waiting: waiting.size, warehouse, isGone }), isGone };
  const records = erasure.files.reduce((sum, file) => sum + file.erased, 0);
  const text = [
    erasure.files.length > 0
      ? `${records} records of the person were erased from ${erasure.files.length} versions.`
      : `No version of ${options.source} holds a record of the person, and neither do the published tables.`,
    ...(locked.length > 0
      ? [`Object Lock still holds versions of ${locked.join(', ')}: run the command again when its days are over.`]
      : []),
    ...(waiting.size > 0
      ? [
          `Files of a compaction still hold rows of ${waiting.size} erased versions, which nobody reads. Two runs of it remove them, the second after compaction.graceHours ("compact" is a run); then run the command again.`,
        ]
      : []),
    ...(warehouse === undefined
      ? ['Snowflake was not asked: the environment has no login of dbt.']
      : warehouse.length > 0
        ? [
            `Snowflake still shows rows of erased versions: ${warehouse.join(', ')}. After the next run of dbt, run the command again.`,
          ]
        : ['Snowflake shows no row of an erased version; PRESENTATION is as the last run of dbt has made it.']),
    `Nothing remembers the person, so a later file of ${options.source} may hold the person again: have the producer erase, too, and run the command again after the next file.`,
  ].join('\n');
  return { text, isGone };
}
