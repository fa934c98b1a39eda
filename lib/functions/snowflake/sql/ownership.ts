import * as z from 'zod';
import { ProvisioningError } from '../provisioning-errors';
import type { Session } from '../session';
import { identifier, literal, type Sql, sql } from './quoting';
import { type ObjectName, statement } from './statement';

// Every object that is made here names its owner in its comment. The comment shows whether an existing object belongs to someone
// else, lets an interrupted deployment continue where it stopped, and keeps this code from dropping what it did not make.

/** Kinds of objects of an account that carry a mark. */
const KINDS = {
  DATABASE: { create: sql`DATABASE`, show: sql`DATABASES` },
  ROLE: { create: sql`ROLE`, show: sql`ROLES` },
  WAREHOUSE: { create: sql`WAREHOUSE`, show: sql`WAREHOUSES` },
  USER: { create: sql`USER`, show: sql`USERS` },
  INTEGRATION: { create: sql`STORAGE INTEGRATION`, show: sql`INTEGRATIONS` },
} as const;

/** A kind of object of the account. */
export type AccountObject = keyof typeof KINDS;

const rowWithComment = z.object({ name: z.string(), comment: z.string().nullish() });

/** Comment of an object. */
export function mark(owner: string): string {
  return `Managed by review-pipeline for ${owner}.`;
}

/** Comment of an object whose definition says whether it must be made again. */
export function markWithDefinition(owner: string, definition: string): string {
  return `${mark(owner)} Definition ${definition}`;
}

/** Whether a comment says that the object was made for this owner. */
export function isMarked(comment: string | null | undefined, owner: string): boolean {
  return comment?.startsWith(mark(owner)) ?? false;
}

/**
 * Makes an object of the account unless it is there.
 *
 * @param options what follows its name in CREATE, without the comment
 * @throws ProvisioningError if an object of that name is there that was not made for this owner
 */
export async function ensure(
  session: Session,
  kind: AccountObject,
  name: string,
  owner: string,
  options?: Sql,
): Promise<void> {
  const { create } = KINDS[kind];
  const made = options ? sql`${identifier(name)} ${options}` : identifier(name);
  await session.run(
    statement(
      `CREATE ${create.text}`,
      [name],
      sql`CREATE ${create} IF NOT EXISTS ${made} COMMENT = ${literal(mark(owner))}`,
    ),
  );
  const found = await find(session, kind, name);
  if (found && !isMarked(found.comment, owner)) throw foreign(kind, [name], owner);
}

/** Drops an object of the account if it is there and was made for this owner. */
export async function discard(session: Session, kind: AccountObject, name: string, owner: string): Promise<void> {
  const found = await find(session, kind, name);
  if (!found || !isMarked(found.comment, owner)) return;
  await session.run(statement(`DROP ${kind}`, [name], sql`DROP ${noun(kind)} IF EXISTS ${identifier(name)}`));
}

/** Whether an object of the account is there and was made for this owner. */
export async function isOwned(session: Session, kind: AccountObject, name: string, owner: string): Promise<boolean> {
  return isMarked((await find(session, kind, name))?.comment, owner);
}

/** The error for a name that someone else has taken. */
export function foreign(kind: string, name: ObjectName, owner: string): ProvisioningError {
  return new ProvisioningError(
    `${kind} ${name.join('.')} exists, but its comment does not begin "${mark(owner)}": it belongs to someone else. Choose another warehouse.database in environments/, or, if it is yours, give it that comment.`,
  );
}

async function find(session: Session, kind: AccountObject, name: string) {
  const { show } = KINDS[kind];
  const rows = await session.query(
    rowWithComment,
    statement(`SHOW ${show.text}`, [name], sql`SHOW ${show} LIKE ${literal(name)}`),
  );
  // LIKE reads _ as any character, and ignores case.
  return rows.find((row) => row.name === name);
}

function noun(kind: AccountObject): Sql {
  return kind === 'INTEGRATION' ? sql`INTEGRATION` : KINDS[kind].create;
}
