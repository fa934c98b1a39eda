import type { Deployment } from '../deployment';
import { OperatorError } from '../operator-error';
import { type Mention, mentionsOf } from '../published-review';
import { json, utc } from '../text';

/** A key of the contracts: 64 hexadecimal digits. */
export const isReviewKey = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** What happens to a mention: the newest counts, and a deletion takes every version that is not newer. */
type Fate = 'PUBLISHED' | 'REPLACED' | 'DELETED' | 'DELETION';

function fateOf(mention: Mention, later: readonly Mention[]): Fate {
  if (mention.kind === 'DELETION') return 'DELETION';
  if (later.some(({ kind }) => kind === 'DELETION')) return 'DELETED';
  return later.length > 0 ? 'REPLACED' : 'PUBLISHED';
}

const SAID: Readonly<Record<Fate, string>> = {
  PUBLISHED: 'counts: it is in the presentation tables from the next run of dbt on',
  REPLACED: 'replaced by a newer version',
  DELETED: 'taken out by a later deletion',
  DELETION: 'says that the review is deleted',
};

/**
 * What happened to a review: every version and deletion that was published, and which of them counts.
 *
 * @param reviewKey as in CORE and the published tables; PRESENTATION shows pseudonyms
 * @throws OperatorError where nothing of it is published
 */
export async function whyReview(
  deployment: Deployment,
  reviewKey: string,
  options: { json?: true } = {},
): Promise<string> {
  const mentions = await mentionsOf(deployment, reviewKey);
  if (mentions.length === 0) {
    throw new OperatorError(
      `No published table has a review with the key ${reviewKey}.`,
      'A rejected record has no key: "why KEY#RECORD" and "rejects FILE" show it. PRESENTATION shows pseudonyms, not keys. What was erased is nowhere.',
    );
  }
  const told = mentions.map((mention, index) => ({
    ...mention,
    fate: fateOf(mention, mentions.slice(index + 1)),
  }));
  if (options.json) return json({ reviewKey, mentions: told });
  return [
    `Review ${reviewKey}, the newest last:`,
    ...told.map(
      ({ at, key, record, batchId, fate, reason }) =>
        `  ${utc(at)}  ${key ?? 'a file that the ledger knows no longer'}#${record}, batch ${batchId}: ${SAID[fate]}${reason ? ` (${reason})` : ''}`,
    ),
  ].join('\n');
}
