import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../local/paths';
import { ACCOUNT, awsClients, awsEnvironment, REGION } from '../../local/platform/aws-clients';
import { launchAws } from '../../local/platform/aws-process';
import type { LaunchedServer } from '../../local/platform/child-server';
import { type Deployed, PlatformOutputs } from '../../local/platform/platform';
import { drop } from '../../local/run/drop';
import { follow } from '../../local/run/follow';
import { scratchFolder } from './support/command';
import { jsonLines, review, statesEntered } from './support/running';

describe('cdk deploy --all, by the real command line', () => {
  const scratch = scratchFolder();
  let server: LaunchedServer;
  let platform: Deployed;

  beforeAll(async () => {
    server = await launchAws({ state: join(scratch.path, 'aws') });
    const endpoint = await server.endpoint;
    const aws = awsClients(endpoint);
    // What `cdk bootstrap` would have left behind.
    await aws.s3.send(new CreateBucketCommand({ Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}` }));
    await aws.ssm.send(
      new PutParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version', Value: '30', Type: 'String' }),
    );
    const outputsFile = join(scratch.path, 'outputs.json');
    const args = ['deploy', '--all', '-c', 'env=dev', '--require-approval', 'never', '--outputs-file', outputsFile];
    await execa('cdk', [...args, '--output', join(scratch.path, 'cdk.out')], {
      cwd: ROOT,
      preferLocal: true,
      env: { ...awsEnvironment(endpoint), CI: 'true' },
    });
    const perStack = JSON.parse(readFileSync(outputsFile, 'utf8')) as Record<string, Record<string, string>>;
    const outputs = PlatformOutputs.parse(Object.assign({}, ...Object.values(perStack)));
    platform = { aws, outputs };
  });
  afterAll(async () => {
    await server?.stop();
    scratch[Symbol.dispose]();
  });

  it('gives every object an execution of its own, whose history reads as the path of a review', async () => {
    const path = join(scratch.path, 'reviews.jsonl');
    writeFileSync(path, jsonLines([review('x'), review('y'), { broken: true }]));
    const file = await drop(platform, { path, key: 'reviews/native/reviews.jsonl' });
    const result = await follow(platform, file);
    expect(result).toMatchObject({ status: 'PUBLISHED', recordsRead: 3, published: 2, executionStatus: 'SUCCEEDED' });
    expect(await statesEntered(platform, result.executionArn as string)).toEqual(
      expect.arrayContaining(['Register files', 'Clean reviews', 'Flatten reviews', 'Record outcome']),
    );
  });
});
