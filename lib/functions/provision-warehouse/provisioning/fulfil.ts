import type * as z from 'zod';
import { logger } from '../../runtime/logging';
import { LoginError, ProvisioningError } from '../../snowflake/provisioning-errors';
import type { Outcome } from './answer';
import type { ProvisioningRequest } from './request';
import { RESOURCE_KINDS, type ResourceKind, type Tools } from './resource-kinds';
import { attributesBeforeRollback } from './rolling-back';

/**
 * Identity of a resource whose creation failed before anything was changed. CloudFormation has it deleted, which then asks nothing of a
 * Snowflake that may be out of reach: the rollback succeeds.
 */
export const NOTHING_MADE = 'nothing was made';

/** Does what a request asks for, and says how it ended. Never throws. */
export async function fulfil(request: ProvisioningRequest, tools: Tools): Promise<Outcome> {
  const kind = RESOURCE_KINDS[request.ResourceType];
  try {
    return request.RequestType === 'Delete'
      ? await withdraw(request, kind, tools)
      : await provide(request, kind, tools);
  } catch (error) {
    const left = await leftAsItIs(request, kind, error);
    if (left) return left;
    await takeBackRenaming(request, kind, tools);
    return { Status: 'FAILED', PhysicalResourceId: identityAfterFailure(request, kind, tools), Reason: reason(error) };
  }
}

async function provide(request: ProvisioningRequest, kind: ResourceKind, tools: Tools): Promise<Outcome> {
  const properties = propertiesOf(request, kind);
  const Data = await kind.provide(properties, tools);
  return { Status: 'SUCCESS', PhysicalResourceId: kind.identify(properties), Data };
}

/**
 * The identity says only whether there is anything to do: where a function died without an answer CloudFormation makes one up. What is
 * deleted is named by the properties; for a replaced resource they are the old ones.
 */
async function withdraw(
  request: ProvisioningRequest & { RequestType: 'Delete' },
  kind: ResourceKind,
  tools: Tools,
): Promise<Outcome> {
  const { PhysicalResourceId } = request;
  if (PhysicalResourceId !== NOTHING_MADE) await kind.withdraw(propertiesOf(request, kind), tools);
  return { Status: 'SUCCESS', PhysicalResourceId };
}

/** A rollback that cannot log in leaves Snowflake as the failed update left it, which is as it was if that could not log in either. */
async function leftAsItIs(
  { RequestType, StackId, ResourceProperties }: ProvisioningRequest,
  kind: ResourceKind,
  error: unknown,
): Promise<Outcome | undefined> {
  const properties = kind.properties.safeParse(ResourceProperties);
  if (RequestType !== 'Update' || !(error instanceof LoginError) || !properties.success) return undefined;
  const Data = await attributesBeforeRollback(StackId, kind.attributes);
  if (!Data) return undefined;
  logger.warn(`Rolled back without Snowflake. When it can be reached, raise warehouse.revision. ${error.message}`);
  return { Status: 'SUCCESS', PhysicalResourceId: kind.identify(properties.data), Data };
}

/** Removes what a failed update made under another name: CloudFormation goes back to the old name and does not know the new one. */
async function takeBackRenaming(request: ProvisioningRequest, kind: ResourceKind, tools: Tools): Promise<void> {
  if (request.RequestType !== 'Update' || !tools.progress.changed) return;
  const properties = propertiesOf(request, kind);
  if (kind.identify(properties) === request.PhysicalResourceId) return;
  try {
    await kind.withdraw(properties, tools);
  } catch (error) {
    // The next deployment finds the rest by its owner's mark; the failure to report is the first one.
    logger.warn(`What was made of ${kind.identify(properties)} could not be taken back`, error as Error);
  }
}

function identityAfterFailure(request: ProvisioningRequest, kind: ResourceKind, { progress }: Tools): string {
  if (request.RequestType !== 'Create') return request.PhysicalResourceId;
  return progress.changed ? kind.identify(propertiesOf(request, kind)) : NOTHING_MADE;
}

/** Properties as the kind wants them. Their values are not repeated in the error: they are in the template. */
function propertiesOf(
  request: ProvisioningRequest,
  { properties }: ResourceKind,
): z.output<ResourceKind['properties']> {
  const result = properties.safeParse(request.ResourceProperties);
  if (result.success) return result.data;
  const places = result.error.issues.map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`);
  throw new ProvisioningError(`Properties of ${request.LogicalResourceId} are wrong: ${places.join('; ')}.`);
}

function reason(error: unknown): string {
  if (error instanceof ProvisioningError) return error.message;
  // An unexpected error may contain a secret in its message; its name is enough to find it in the log.
  logger.error('Provisioning failed', error as Error);
  return `Provisioning failed with ${error instanceof Error ? error.name : 'an error'}; the log of the function has the details.`;
}
