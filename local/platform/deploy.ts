import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { AssetManifestArtifact, CloudAssembly, type CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { zipSync } from 'fflate';
import { ACCOUNT, type AwsClients, REGION } from './aws-clients';

/** What `cdk bootstrap` leaves in an account, as far as the templates ask for it. */
const BOOTSTRAP_VERSION = { name: '/cdk-bootstrap/hnb659fds/version', value: '30' };

/** A stack that takes longer is stuck: a custom resource whose function died never answers. */
const STACK_TIMEOUT_SECONDS = 120;

/** Fills the placeholders that an environment-agnostic asset manifest leaves to the deployer. */
const resolve = (text: string): string =>
  text
    .replaceAll('${AWS::AccountId}', ACCOUNT)
    .replaceAll('${AWS::Region}', REGION)
    .replaceAll('${AWS::Partition}', 'aws');

function zip(folder: string): Uint8Array {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return zipSync(Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path)])), { level: 1 });
}

async function ensureBucket({ s3 }: AwsClients, bucket: string): Promise<void> {
  const exists = await s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => true,
    () => false,
  );
  if (!exists) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
}

async function publishAssets(aws: AwsClients, assembly: CloudAssembly): Promise<void> {
  const manifests = assembly.artifacts.filter((artifact) => AssetManifestArtifact.isAssetManifestArtifact(artifact));
  for (const { contents } of manifests) {
    for (const { source, destinations } of Object.values(contents.files ?? {})) {
      const path = join(assembly.directory, source.path ?? '');
      const body = statSync(path).isDirectory() ? zip(path) : readFileSync(path);
      for (const { bucketName, objectKey } of Object.values(destinations)) {
        const bucket = resolve(bucketName);
        await ensureBucket(aws, bucket);
        await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: objectKey, Body: body }));
      }
    }
  }
}

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
    await new Promise((wake) => setTimeout(wake, 100));
  }
  throw new Error(
    `Stack ${stack.stackName} was not there after ${STACK_TIMEOUT_SECONDS} s: ${await firstFailure(aws, stack.stackName)}`,
  );
}

/**
 * Deploys every stack of a synthesised assembly through the CloudFormation API, in the order of their dependencies. This is
 * `cdk deploy --all` to an empty account without its waits; the tests run the real command line as well.
 *
 * @returns the stacks' outputs by name
 * @throws Error that names the stack, the first resource that failed and its reason
 */
export async function deploy(
  aws: AwsClients,
  assemblyFolder: string,
  onStack: (stackName: string) => void = () => {},
): Promise<Record<string, string>> {
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
  const outputs: Record<string, string> = {};
  for (const stack of assembly.stacks) {
    onStack(stack.stackName);
    const created = await createStack(aws, stack);
    for (const { OutputKey = '', OutputValue = '' } of created.Outputs ?? []) outputs[OutputKey] = OutputValue;
  }
  return outputs;
}
