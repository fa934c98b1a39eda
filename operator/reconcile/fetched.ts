import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';
import { connectors } from '../../lib/contracts/connectors';
import { outcomes } from '../../lib/contracts/outcomes';
import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import { type LedgerEntry, objectVersionOf } from '../../lib/functions/ledger/entry';
import type { Arrival } from '../../lib/functions/ledger/ledger';
import type { Deployment } from '../deployment';

/** What a connector has noted of one of its lists. */
export interface FetchedList {
  readonly connector: string;
  readonly list: string;
  /** Objects and records that it has stored so far. */
  readonly objects: number;
  readonly records: number;
}

/** An item of the ledger table that a connector has written; the pieces of a long list, beside it, have no state. */
const noted = z.object({ version_id: z.string(), state: z.object({ figures: z.string() }) });
const Figures = z.object({ sequence: z.number(), stored: z.number() });

/** The lists of all connectors that have ever run. */
export async function fetchedLists({ dynamoDb, outputs }: Deployment): Promise<FetchedList[]> {
  const found = [...connectors.keys()].map(async (connector) => {
    const lists: FetchedList[] = [];
    const query = {
      TableName: outputs.LedgerTableName,
      KeyConditionExpression: '#object = :object',
      ProjectionExpression: '#object, version_id, #state.figures',
      ExpressionAttributeNames: { '#object': 'object', '#state': 'state' },
      ExpressionAttributeValues: { ':object': `connector:${connector}` },
      ConsistentRead: true,
    };
    for await (const { Items = [] } of paginateQuery({ client: dynamoDb }, query)) {
      for (const item of Items) {
        const { data } = noted.safeParse(item);
        if (!data) continue;
        const { sequence, stored } = Figures.parse(JSON.parse(data.state.figures));
        lists.push({ connector, list: data.version_id, objects: sequence, records: stored });
      }
    }
    return lists;
  });
  return (await Promise.all(found)).flat();
}

/** Folder of a list below that of its source. The connector writes it in Python, whose `quote` leaves fewer characters as they are. */
const folderOf = ({ connector, list }: FetchedList): string =>
  `${connector}/${encodeURIComponent(list).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)}`;

/** The same folder of an object; undefined for files that somebody else has dropped. */
function folderIn(key: string): string | undefined {
  const [source, connector = '', folder, ...rest] = key.slice(REVIEWS_PREFIX.length).split('/');
  return rest.length === 1 && connectors.get(connector)?.source === source ? `${connector}/${folder}` : undefined;
}

/** Records that the jobs have read of a version; undefined while that is not known. */
function readOf({ status, records_read, replaces }: LedgerEntry): number | undefined {
  const isOpen = status === 'FAILED' || !outcomes.fileStatuses[status].terminal;
  return records_read ?? replaces?.records_read ?? (isOpen ? undefined : 0);
}

/** What has become of the objects of one list. */
interface Received {
  readonly objects: number;
  /** Undefined while some object has no outcome, which is a finding of its own or a file that is FAILED. */
  readonly records: number | undefined;
  /** Whether records of a person were taken out of an object. */
  readonly erased: boolean;
}

function received(keys: ReadonlySet<string>, entries: ReadonlyMap<string, readonly LedgerEntry[]>): Received {
  const versions = [...keys].map((key) => entries.get(key) ?? []);
  const read = versions.map((of) => {
    const figures = of.map(readOf);
    // The same object stored once more is a DUPLICATE, of which nothing is read.
    return of.length === 0 || figures.includes(undefined) ? undefined : Math.max(...figures.map(Number));
  });
  return {
    objects: keys.size,
    records: read.includes(undefined) ? undefined : read.reduce<number>((sum, count) => sum + Number(count), 0),
    erased: versions.flat().some(({ status }) => status === 'ERASED'),
  };
}

/** More objects than noted are no loss: the list was begun again, or a run was overtaken by another one. */
function isLess(list: FetchedList, { objects, records, erased }: Received): boolean {
  if (objects < list.objects) return true;
  if (records === undefined) return false;
  return (records < list.records && !erased) || (records > list.records && objects === list.objects);
}

/** Lists of which other records have arrived than their connector has fetched. An object whose retention has ended counts by its row. */
export function fetchedOtherwise(
  lists: readonly FetchedList[],
  versions: readonly Arrival[],
  entries: readonly LedgerEntry[],
): { readonly kind: 'FETCHED_OTHERWISE'; readonly detail: string }[] {
  const rows = Map.groupBy(entries, (entry) => objectVersionOf(entry).key);
  const keys = Map.groupBy(new Set([...versions.map(({ key }) => key), ...rows.keys()]), folderIn);
  return lists.flatMap((list) => {
    const { connector, list: name } = list;
    const of = received(new Set(keys.get(folderOf(list))), rows);
    if (!isLess(list, of)) return [];
    const detail =
      `connector ${connector}, list ${name}: it has stored ${list.records} records in ${list.objects} objects; ` +
      `the raw bucket and the ledger know ${of.objects} objects, with ${of.records ?? 'not yet counted'} records. ` +
      `To fetch all once more, delete the item "connector:${connector}", "${name}" of the ledger table and start the connector`;
    return [{ kind: 'FETCHED_OTHERWISE' as const, detail }];
  });
}
