import type { DatabaseProperties } from '../../../contracts/provisioning-properties';
import { PII_CLASSES, type PiiClass } from '../../../contracts/tables';
import { GOVERNED_SCHEMAS, SCHEMAS, TAGS, UNCLASSIFIED, type WarehouseNames } from '../../../contracts/warehouse-names';
import { externalTableName } from './external-table';
import { grant, readings } from './grants';
import { mark } from './ownership';
import { identifier, literal, type Sql, sql } from './quoting';
import { type ObjectName, type Statement, statement } from './statement';

/** A masking policy for each type that a column with personal data has. */
const POLICIES = { MASK_TEXT: sql`VARCHAR`, MASK_LIST: sql`ARRAY` } as const satisfies Record<string, Sql>;

/** Classes whose values the role for texts sees; those that point at a person stay masked for it. */
const READABLE: readonly PiiClass[] = ['free-text'];

/** Makes the tags, and the policies that the masked tag carries. Policies that are there get the body of today: nothing is unmasked meanwhile. */
export function* tagsAndPolicies(names: WarehouseNames, owner: string): Generator<Statement> {
  const values = sql`${[...PII_CLASSES, UNCLASSIFIED].map(literal)}`;
  const comment = literal(mark(owner));
  for (const tag of Object.values(TAGS)) {
    const name = inGovernance(names, tag);
    const text = sql`CREATE TAG IF NOT EXISTS ${identifier(...name)} ALLOWED_VALUES ${values} COMMENT = ${comment}`;
    yield statement('CREATE TAG', name, text);
  }
  for (const [policy, type] of Object.entries(POLICIES)) {
    const name = inGovernance(names, policy);
    const signature = sql`AS ("VAL" ${type}) RETURNS ${type}`;
    yield statement(
      'CREATE MASKING POLICY',
      name,
      sql`CREATE MASKING POLICY IF NOT EXISTS ${identifier(...name)} ${signature} -> ${body(names)} COMMENT = ${comment}`,
    );
    yield statement(
      'ALTER MASKING POLICY',
      name,
      sql`ALTER MASKING POLICY ${identifier(...name)} SET BODY -> ${body(names)}`,
    );
  }
  const tag = inGovernance(names, TAGS.masked);
  const carried = Object.keys(POLICIES).map(
    (policy) => sql`MASKING POLICY ${identifier(...inGovernance(names, policy))}`,
  );
  yield statement('ALTER TAG', tag, sql`ALTER TAG ${identifier(...tag)} SET ${carried} FORCE`);
}

/** Has every column of a schema masked that dbt has not classified: also of a view that was replaced a moment ago. */
export function* maskedSchemas(names: WarehouseNames): Generator<Statement> {
  for (const schema of [SCHEMAS.staging, GOVERNED_SCHEMAS.detail]) {
    const name = [names.database, schema];
    const tag = identifier(...inGovernance(names, TAGS.masked));
    yield statement(
      'ALTER SCHEMA',
      name,
      sql`ALTER SCHEMA ${identifier(...name)} SET TAG ${tag} = ${literal(UNCLASSIFIED)}`,
    );
  }
}

/** Lets the owners of the columns tag them, and the role for texts read the model that shows them. */
export function* governanceGrants(names: WarehouseNames): Generator<Statement> {
  const { database, loader, transformer, detailReader } = names;
  for (const [role, tag] of [
    [loader, TAGS.plain],
    [transformer, TAGS.masked],
  ] as const) {
    yield grant(sql`USAGE`, sql`SCHEMA`, [database, GOVERNED_SCHEMAS.governance], role);
    yield grant(sql`APPLY`, sql`TAG`, inGovernance(names, tag), role);
  }
  const detail = [database, GOVERNED_SCHEMAS.detail];
  yield grant(sql`USAGE`, sql`DATABASE`, [database], detailReader);
  yield grant(sql`USAGE`, sql`SCHEMA`, detail, detailReader, transformer);
  yield* readings(sql`VIEWS`, detail, detailReader, transformer);
}

/** Writes the classes of the contracts on the columns of the external tables. */
export function* tagColumns(
  names: WarehouseNames,
  { PersonalColumns }: NonNullable<DatabaseProperties['Governance']>,
): Generator<Statement> {
  const tag = identifier(...inGovernance(names, TAGS.plain));
  for (const table of new Set(PersonalColumns.map(({ Table }) => Table))) {
    const columns = PersonalColumns.filter(({ Table }) => Table === table);
    const name = externalTableName(names, table);
    const tagged = columns.map(
      ({ Column, Class }) => sql`COLUMN ${identifier(Column)} SET TAG ${tag} = ${literal(Class)}`,
    );
    yield statement('ALTER TABLE MODIFY COLUMN', name, sql`ALTER TABLE ${identifier(...name)} MODIFY ${tagged}`, {
      role: names.loader,
    });
  }
}

/** Who sees a value: dbt all, the role for texts what people wrote, everybody what is no personal data. */
function body(names: WarehouseNames): Sql {
  const tag = literal(inGovernance(names, TAGS.masked).join('.'));
  const is = (role: string): Sql => sql`IS_ROLE_IN_SESSION(${literal(role)})`;
  const isOf = (...classes: readonly PiiClass[]): Sql =>
    sql`SYSTEM$GET_TAG_ON_CURRENT_COLUMN(${tag}) IN (${classes.map(literal)})`;
  return sql`CASE WHEN ${is(names.transformer)} THEN "VAL" WHEN ${isOf('none')} THEN "VAL" WHEN ${is(names.detailReader)} AND ${isOf(...READABLE)} THEN "VAL" ELSE NULL END`;
}

function inGovernance({ database }: WarehouseNames, name: string): ObjectName {
  return [database, GOVERNED_SCHEMAS.governance, name];
}
