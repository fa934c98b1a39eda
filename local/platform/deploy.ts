import {
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { publishAssets, resolve } from './assets';
import { type AwsClients, REGION } from './aws-clients';

/** The resources of `cdk bootstrap` that the templates refer to. */
const BOOTSTRAP_VERSION = { name: '/cdk-bootstrap/hnb659fds/version', value: '30' };

/** A stack that takes longer is stuck: a custom resource whose function died never answers. */
const STACK_TIMEOUT_SECONDS = 120;

/** How often a stack's status is read (milliseconds): most stacks are created within a few. */
const STACK_POLL_MS = 40;

async function firstFailure({ cloudFormation }: AwsClients, stackName: string): Promise<string> {
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: stackName }));
  const failed = StackEvents.filter((event) => event.ResourceStatus?.endsWith('FAILED')).at(-1);
  return failed
    ? `${failed.LogicalResourceId} (${failed.ResourceType}): ${failed.ResourceStatusReason}`
    : 'no reason given';
}

async function createStack(aws: AwsClients, stack: CloudFormationStackArtifact): Promise<Stack> {
  const { cloudFormation } = aws;
  const url = new URL(resolve(stack.stackTemplateAssetObjectUrl ?? ''));
  await cloudFormation.send(
    new CreateStackCommand({
      StackName: stack.stackName,
      TemplateURL: `https://s3.${REGION}.amazonaws.com/${url.host}${url.pathname}`,
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
      Parameters: Object.entries(stack.parameters).map(([ParameterKey, ParameterValue]) => ({
        ParameterKey,
        ParameterValue,
      })),
    }),
  );
  const deadline = Date.now() + STACK_TIMEOUT_SECONDS * 1000;
  while (Date.now() < deadline) {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stack.stackName }));
    const state = Stacks?.[0];
    if (state?.StackStatus === 'CREATE_COMPLETE') return state;
    if (state?.StackStatus && !state.StackStatus.endsWith('IN_PROGRESS')) {
      throw new Error(
        `Stack ${stack.stackName} ended as ${state.StackStatus}: ${await firstFailure(aws, stack.stackName)}`,
      );
    }
    await new Promise((wake) => setTimeout(wake, STACK_POLL_MS));
  }
  throw new Error(
    `Stack ${stack.stackName} was not there after ${STACK_TIMEOUT_SECONDS} s: ${await firstFailure(aws, stack.stackName)}`,
  );
}

/** Outputs of stacks, by name. */
export type Outputs = Readonly<Record<string, string>>;

/** Stacks that are being created. */
export interface Deployment {
  /** Outputs of the stack whose name ends so, and of the stacks it depends on, as soon as these are created. */
  upTo(suffix: string): Promise<Outputs>;
  /** Outputs of all stacks, once all are created. */
  readonly whole: Promise<Outputs>;
}

/**
 * Deploys every stack of a synthesised assembly through the CloudFormation API, each as soon as the stacks it depends on are created.
 * This is `cdk deploy --all` to an empty account without its waits; the tests run the real command line as well.
 *
 * @param beforeStack called with a stack's name before it is created; the stack waits for it
 * @returns the deployment, whose promises are rejected with an Error that names the stack, the first resource that failed and its
 *   reason
 */
export async function deploy(
  aws: AwsClients,
  assemblyFolder: string,
  beforeStack: (stackName: string) => Promise<void> | void = () => {},
): Promise<Deployment> {
  const assembly = new CloudAssembly(assemblyFolder);
  await aws.ssm.send(
    new PutParameterCommand({
      Name: BOOTSTRAP_VERSION.name,
      Value: BOOTSTRAP_VERSION.value,
      Type: 'String',
      Overwrite: true,
    }),
  );
  await publishAssets(aws, assembly);

  async function createAfter(
    stack: CloudFormationStackArtifact,
    earlier: readonly Promise<Outputs>[],
  ): Promise<Outputs> {
    const outputs: Record<string, string> = Object.assign({}, ...(await Promise.all(earlier)));
    await beforeStack(stack.stackName);
    const created = await createStack(aws, stack);
    for (const { OutputKey = '', OutputValue = '' } of created.Outputs ?? []) outputs[OutputKey] = OutputValue;
    return outputs;
  }

  // The assembly lists a stack after the stacks it depends on.
  const stacks = new Map<string, Promise<Outputs>>();
  for (const stack of assembly.stacks) {
    const created = createAfter(
      stack,
      stack.dependencies.flatMap(({ id }) => stacks.get(id) ?? []),
    );
    // Whoever waits later receives the failure; until then an unhandled rejection must not end this process.
    created.catch(() => {});
    stacks.set(stack.id, created);
  }
  const whole = Promise.all(stacks.values()).then((all): Outputs => Object.assign({}, ...all));
  whole.catch(() => {});
  return {
    whole,
    async upTo(suffix) {
      const [id] = [...stacks.keys()].filter((name) => name.endsWith(suffix));
      const outputs = id && stacks.get(id);
      if (!outputs) throw new Error(`${assemblyFolder} has no stack whose name ends with ${suffix}.`);
      return outputs;
    },
  };
}
