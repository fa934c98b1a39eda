import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, DeleteTopicCommand } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../local/paths';
import { ACCOUNT, awsClients, awsEnvironment, clientOptions, REGION } from '../../local/platform/aws-clients';
import { launchAws } from '../../local/platform/aws-process';
import type { LaunchedServer } from '../../local/platform/child-server';
import { type Deployed, PlatformOutputs } from '../../local/platform/platform';
import { drop } from '../../local/run/drop';
import { follow } from '../../local/run/follow';
import { scratchFolder } from './support/command';
import { jsonLines, review, statesEntered } from './support/running';
import { synthesiseSecond } from './support/second-environment';

const OTHER_REGION = 'eu-west-1';

describe('the real CDK command line', () => {
  const scratch = scratchFolder();
  const assembly = join(scratch.path, 'cdk.out');
  let server: LaunchedServer;
  let endpoint: string;
  let aws: ReturnType<typeof awsClients>;
  let second: string;

  /** What `cdk bootstrap` would have left behind. */
  async function bootstrap(region: string): Promise<void> {
    const options = { ...clientOptions(endpoint), region };
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${region}` }));
    await new SSMClient(options).send(
      new PutParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version', Value: '30', Type: 'String' }),
    );
  }

  async function cdk(args: readonly string[], { region = REGION, app = assembly } = {}) {
    const env = { ...awsEnvironment(endpoint), AWS_REGION: region, AWS_DEFAULT_REGION: region, CI: 'true' };
    return execa('cdk', ['--app', app, ...args], { cwd: ROOT, preferLocal: true, reject: false, all: true, env });
  }

  const outputsFile = (app: string) => join(scratch.path, `${basename(app)}.outputs.json`);
  const deploy = (where: { readonly region?: string; readonly app?: string } = {}) =>
    cdk(
      ['deploy', '--all', '--require-approval', 'never', '--outputs-file', outputsFile(where.app ?? assembly)],
      where,
    );

  function deployed(app: string): Deployed {
    const perStack = JSON.parse(readFileSync(outputsFile(app), 'utf8')) as Record<string, Record<string, string>>;
    return { aws, outputs: PlatformOutputs.parse(Object.assign({}, ...Object.values(perStack))) };
  }

  async function publishOne(name: string, app = assembly) {
    const platform = deployed(app);
    const path = join(scratch.path, `${name}.jsonl`);
    writeFileSync(path, jsonLines([review('x'), review('y'), { broken: true }]));
    const file = await drop(platform, { path, key: `reviews/native/${name}.jsonl` });
    return { platform, result: await follow(platform, file) };
  }

  async function bucketsOf(stack: string): Promise<string[]> {
    const { Buckets = [] } = await aws.s3.send(new ListBucketsCommand({}));
    return Buckets.flatMap(({ Name = '' }) => (Name.startsWith(stack) ? Name : []));
  }

  beforeAll(async () => {
    server = await launchAws({ state: join(scratch.path, 'aws') });
    endpoint = await server.endpoint;
    aws = awsClients(endpoint);
    await Promise.all([REGION, OTHER_REGION].map(bootstrap));
    const synth = ['synth', '--quiet', '-c', 'env=dev', '--output', assembly];
    await execa('cdk', synth, { cwd: ROOT, preferLocal: true, env: { ...awsEnvironment(endpoint), CI: 'true' } });
    second = await synthesiseSecond();
  });
  afterAll(async () => {
    await server?.stop();
    scratch[Symbol.dispose]();
  });

  it('fails on a name that is taken, says which, and leaves nothing of that stack behind', async () => {
    const { TopicArn } = await aws.sns.send(new CreateTopicCommand({ Name: 'reviews-dev-alerts' }));
    const { exitCode, all } = await deploy();
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(/AWS::SNS::Topic' with identifier 'reviews-dev-alerts' already exists/);
    const { Stacks = [] } = await aws.cloudFormation.send(new DescribeStacksCommand({}));
    expect(Object.fromEntries(Stacks.map(({ StackName, StackStatus }) => [StackName, StackStatus]))).toEqual({
      'reviews-dev-storage': 'CREATE_COMPLETE',
      'reviews-dev-processing': 'ROLLBACK_COMPLETE',
    });
    await aws.sns.send(new DeleteTopicCommand({ TopicArn }));
  });

  it('deploys after that, and gives every object an execution whose history reads as the path of a review', async () => {
    expect((await deploy()).exitCode).toBe(0);
    const { platform, result } = await publishOne('first');
    expect(result).toMatchObject({ status: 'PUBLISHED', recordsRead: 3, published: 2, executionStatus: 'SUCCEEDED' });
    expect(await statesEntered(platform, result.executionArn as string)).toEqual(
      expect.arrayContaining(['Register files', 'Clean reviews', 'Flatten reviews', 'Record outcome']),
    );
  });

  it('deploys to a second region of the account beside the first', async () => {
    const { exitCode, all } = await deploy({ region: OTHER_REGION });
    expect(exitCode, all).toBe(0);
  });

  it('deploys a second environment to the same account and region, which shares nothing with the first', async () => {
    const { exitCode, all } = await deploy({ app: second });
    expect(exitCode, all).toBe(0);
    const names = (app: string) => Object.values(deployed(app).outputs);
    expect(names(second).filter((name) => names(assembly).includes(name))).toEqual([]);
  });

  it('destroys, keeps the data and the other environment, and deploys again', async () => {
    const before = await bucketsOf('reviews-dev-storage');
    const destroyed = await cdk(['destroy', '--all', '--force']);
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    expect(await bucketsOf('reviews-dev-storage')).toEqual(before);
    expect((await publishOne('beside', second)).result).toMatchObject({ status: 'PUBLISHED', published: 2 });
    const again = await deploy();
    expect(again.exitCode, again.all).toBe(0);
    expect((await publishOne('second')).result).toMatchObject({ status: 'PUBLISHED', published: 2 });
  });
});
