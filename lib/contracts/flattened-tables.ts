import { TABLE_NAMES, type TableName, tables } from './tables';

/** The tables that the flatten job writes; the others are the functions' own. */
export const FLATTENED_TABLES: readonly TableName[] = TABLE_NAMES.filter((name) => tables[name].producer === 'flatten');
