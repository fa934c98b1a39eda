import * as z from 'zod';
import type { IntegrationProperties } from '../../../contracts/provisioning-properties';
import { ProvisioningError } from '../../snowflake/provisioning-errors';
import type { Session } from '../../snowflake/session';
import { discard, ensure } from '../../snowflake/sql/ownership';
import { identifier, literal, sql } from '../../snowflake/sql/quoting';
import { type Statement, statement } from '../../snowflake/sql/statement';

/** Whom the IAM role has to trust. */
export interface IntegrationIdentity {
  readonly IamUserArn: string;
  readonly ExternalId: string;
}

const property = z.object({ property: z.string(), property_value: z.string().nullish() });

/**
 * Makes the storage integration, or sets the one that is there. Never replaced: another integration has another external id, and stages
 * that named the old one would point nowhere ("CREATE STORAGE INTEGRATION", Snowflake SQL reference).
 */
export async function provideIntegration(
  session: Session,
  { Name, Owner, RoleArn, AllowedLocation }: IntegrationProperties,
): Promise<IntegrationIdentity> {
  const access = sql`STORAGE_AWS_ROLE_ARN = ${literal(RoleArn)} ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = (${literal(AllowedLocation)})`;
  await ensure(session, 'INTEGRATION', Name, Owner, sql`TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ${access}`);
  await session.run(
    statement('ALTER STORAGE INTEGRATION', [Name], sql`ALTER STORAGE INTEGRATION ${identifier(Name)} SET ${access}`),
  );
  return identityOf(Name, await session.query(property, describe(Name)));
}

/** Drops the storage integration if it was made here. */
export function withdrawIntegration(session: Session, { Name, Owner }: IntegrationProperties): Promise<void> {
  return discard(session, 'INTEGRATION', Name, Owner);
}

function describe(name: string): Statement {
  return statement('DESC INTEGRATION', [name], sql`DESC INTEGRATION ${identifier(name)}`);
}

function identityOf(name: string, rows: readonly z.output<typeof property>[]): IntegrationIdentity {
  const value = (wanted: string): string => {
    const found = rows.find((row) => row.property === wanted)?.property_value;
    if (found) return found;
    throw new ProvisioningError(
      `DESC INTEGRATION ${name} has no ${wanted}: without it no IAM role can trust Snowflake. Is the account on AWS?`,
    );
  };
  return { IamUserArn: value('STORAGE_AWS_IAM_USER_ARN'), ExternalId: value('STORAGE_AWS_EXTERNAL_ID') };
}
