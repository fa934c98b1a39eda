import type { DatabaseProperties } from '../../../contracts/provisioning-properties';
import { GOVERNED_SCHEMAS, type WarehouseNames } from '../../../contracts/warehouse-names';
import type { Session } from '../../snowflake/session';
import { governanceGrants, maskedSchemas, tagColumns, tagsAndPolicies } from '../../snowflake/sql/governance';
import { createSchema, giveSchema, grant } from '../../snowflake/sql/grants';
import { ensure } from '../../snowflake/sql/ownership';
import { sql } from '../../snowflake/sql/quoting';

/**
 * Tags the columns with personal data, masks what dbt shows of them, and makes the role that may read texts, where the properties ask
 * for it. Where they ask no longer, what is there stays: taking protection away is nobody's accident.
 */
export async function provideGovernance(
  session: Session,
  names: WarehouseNames,
  { Governance, Owner, Warehouse }: DatabaseProperties,
): Promise<void> {
  if (!Governance) return;
  const { governance, detail } = GOVERNED_SCHEMAS;
  await session.run(createSchema(names, governance, Owner));
  // First what a Standard edition refuses: nothing but an empty schema is left of the attempt.
  await session.runAll(tagsAndPolicies(names, Owner));
  await ensure(session, 'ROLE', names.detailReader, Owner);
  await session.run(createSchema(names, detail, Owner));
  await session.run(giveSchema(names, detail, names.transformer));
  await session.runAll(maskedSchemas(names));
  await session.runAll(governanceGrants(names));
  await session.runAll(tagColumns(names, Governance));
  if (Warehouse) await session.run(grant(sql`USAGE`, sql`WAREHOUSE`, [names.warehouse], names.detailReader));
}
