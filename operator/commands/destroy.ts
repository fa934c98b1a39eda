import {
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import type { Deployment } from '../deployment';
import { OperatorError } from '../operator-error';
import { json } from '../text';
import type { Watching } from '../watching';

/** The stacks of an environment: each comes before the stacks that it depends on. */
const ORDER = ['monitoring', 'orchestration', 'warehouse', 'intake', 'processing', 'storage'] as const;

const MAX_SECONDS_PER_STACK = 3600;

interface StackPlan {
  readonly name: string;
  readonly isProtected: boolean;
  /** Resources that are kept, by their logical and physical names. */
  readonly kept: readonly string[];
}

interface DestroyOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

interface Attendant {
  /** Asks the operator to type the name of the environment, and returns what was typed. */
  readonly askName: (plan: string) => Promise<string>;
  readonly watching: Watching;
}

type Template = { readonly Resources?: Readonly<Record<string, { readonly DeletionPolicy?: string }>> };

/** Description of a deployed stack; undefined if it does not exist. */
async function planOf({ cloudFormation }: Deployment, name: string): Promise<StackPlan | undefined> {
  try {
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
    const { TemplateBody = '{}' } = await cloudFormation.send(new GetTemplateCommand({ StackName: name }));
    const { Resources = {} } = JSON.parse(TemplateBody) as Template;
    const retained = new Set(
      Object.entries(Resources).flatMap(([id, { DeletionPolicy = '' }]) =>
        DeletionPolicy.startsWith('Retain') ? [id] : [],
      ),
    );
    const kept: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloudFormation.send(
        new ListStackResourcesCommand({ StackName: name, ...(NextToken && { NextToken }) }),
      );
      for (const {
        LogicalResourceId = '',
        PhysicalResourceId = '',
        ResourceType = '',
      } of page.StackResourceSummaries ?? []) {
        if (retained.has(LogicalResourceId)) kept.push(`${ResourceType} ${PhysicalResourceId}`);
      }
      NextToken = page.NextToken;
    } while (NextToken);
    return { name, isProtected: Stacks[0]?.EnableTerminationProtection ?? false, kept };
  } catch (error) {
    if ((error as Error).name === 'ValidationError') return undefined;
    throw error;
  }
}

const described = (plans: readonly StackPlan[]): string =>
  [
    'Deleted in this order:',
    ...plans.map(
      ({ name, kept }) => `  ${name}${kept.length > 0 ? `, of which ${kept.length} resources are kept` : ''}`,
    ),
    'Kept, because their stacks say so (data, or the keys that read it; see data.destroyData in docs/settings.md):',
    ...(plans.some(({ kept }) => kept.length > 0)
      ? plans.flatMap(({ kept }) => kept.map((line) => `  ${line}`))
      : ['  nothing']),
  ].join('\n');

/** Deletes the stacks of an environment, with their objects in Snowflake, in the order of their dependencies. */
export async function destroy(
  deployment: Deployment,
  options: DestroyOptions,
  { askName, watching }: Attendant,
): Promise<string> {
  const { cloudFormation, environment, prefix } = deployment;
  const plans: StackPlan[] = [];
  for (const part of ORDER) {
    const plan = await planOf(deployment, `${prefix}-${part}`);
    if (plan) plans.push(plan);
  }
  if (options.json && options.dryRun) return json(plans);
  if (options.dryRun) return described(plans);
  const guarded = plans.filter(({ isProtected }) => isProtected).map(({ name }) => name);
  if (guarded.length > 0) {
    throw new OperatorError(
      `Nothing was deleted: ${guarded.join(', ')} ${guarded.length === 1 ? 'is' : 'are'} protected against it.`,
      `Set data.terminationProtection to false in environments/${environment}.json and deploy first.`,
    );
  }
  if ((await askName(described(plans))) !== environment) {
    throw new OperatorError('Nothing was deleted.', `To go on, type the name of the environment: ${environment}.`);
  }
  await watching('Destroy', async (say) => {
    for (const { name: StackName } of plans) {
      say(`deleting ${StackName}`);
      await cloudFormation.send(new DeleteStackCommand({ StackName }));
      await waitUntilStackDeleteComplete({ client: cloudFormation, maxWaitTime: MAX_SECONDS_PER_STACK }, { StackName });
    }
  });
  return options.json ? json(plans) : `Environment ${environment} is deleted.\n${described(plans)}`;
}
