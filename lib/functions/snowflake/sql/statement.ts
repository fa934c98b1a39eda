import type { Sql } from './quoting';

/** One statement, with what an error says of it. */
export interface Statement {
  /** What it does, in Snowflake's words: `CREATE STAGE`. */
  readonly kind: string;
  /** What it does it to: `REVIEWS.RAW.PUBLISHED`. */
  readonly object: string;
  readonly sql: Sql;
  /** Role that runs it; by default the one that logged in. */
  readonly role?: string;
  /** Whether Snowflake reads the bucket for it, which fails until the IAM role's trust has spread through AWS. */
  readonly readsBucket?: boolean;
}

/** An object of the account, of a database or of a schema, by its full name. */
export type ObjectName = readonly string[];

/** A statement on an object. */
export function statement(
  kind: string,
  name: ObjectName,
  sql: Sql,
  more: Pick<Statement, 'role' | 'readsBucket'> = {},
): Statement {
  return { kind, object: name.join('.'), sql, ...more };
}

/** Statements that leave Snowflake as it is. */
export function changesNothing({ kind }: Statement): boolean {
  return /^(SELECT|SHOW|DESC|USE)\b/.test(kind);
}
