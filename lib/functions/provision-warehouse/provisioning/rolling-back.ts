import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { clientDefaults } from '../../runtime/aws';
import { logger } from '../../runtime/logging';
import type { Attributes } from './resource-kinds';

const cloudFormation = new CloudFormationClient(clientDefaults);

/**
 * Attributes that resources had before the update that is being rolled back, out of the stack's outputs; undefined where none is.
 *
 * A request does not say that it belongs to a rollback. One that cannot reach Snowflake must not fail for it: the stack would
 * stay in UPDATE_ROLLBACK_FAILED because of the same fault that it rolls back from.
 */
export async function attributesBeforeRollback(
  stackId: string,
  names: readonly string[],
): Promise<Attributes | undefined> {
  const stack = await describe(stackId);
  if (stack?.StackStatus !== 'UPDATE_ROLLBACK_IN_PROGRESS') return undefined;
  const outputs = new Map(stack.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const found = names.flatMap((name) => {
    const value = outputs.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return found.length === names.length ? Object.fromEntries(found) : undefined;
}

async function describe(stackId: string) {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackId }));
    return Stacks?.[0];
  } catch (error) {
    // The request then fails for the reason it had; this one is for the log.
    logger.warn('The stack could not be described', error as Error);
    return undefined;
  }
}
