import type { Context } from 'aws-lambda';
import { FILE_STATUSES, outcomes } from '../../contracts/outcomes';
import { LINGERING_FILES } from '../../contracts/watch';
import { objectVersionOf } from '../ledger/entry';
import { LedgerRows } from '../ledger/ledger-rows';
import { requiredEnvironment } from '../runtime/environment';
import { toFunctionError } from '../runtime/function-errors';
import { logger } from '../runtime/logging';

const KEYS_SHOWN = 20;

/** States that a file only passes through. */
const PASSING = FILE_STATUSES.filter((status) => !outcomes.fileStatuses[status].terminal);

/** Counts the files that are on their way for longer than PROCESSING_MINUTES. Its log names the first of them; a metric is made of the number. */
export async function handler(_event: unknown, context: Context): Promise<{ [LINGERING_FILES]: number }> {
  logger.addContext(context);
  try {
    const rows = new LedgerRows(requiredEnvironment('LEDGER_TABLE'));
    const limit = new Date(Date.now() - Number(requiredEnvironment('PROCESSING_MINUTES')) * 60_000);
    const entries = (await Promise.all(PASSING.map((status) => rows.inStatus(status, '<', limit)))).flat();
    const oldest = entries.sort((a, b) => a.updated_at.localeCompare(b.updated_at)).slice(0, KEYS_SHOWN);
    const files = oldest.map((entry) => ({ key: objectVersionOf(entry).key, since: entry.updated_at }));
    logger.info('The ledger was looked at', { [LINGERING_FILES]: entries.length, files });
    return { [LINGERING_FILES]: entries.length };
  } catch (error) {
    logger.error('The ledger could not be looked at', error as Error);
    throw toFunctionError(error);
  }
}
