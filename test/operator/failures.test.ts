import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../lib/config/configuration-error';
import { connect } from '../../operator/deployment';
import { failureText } from '../../operator/failures';
import { OperatorError } from '../../operator/operator-error';

const cloudFormation = mockClient(CloudFormationClient);

/** A failure of AWS as the SDK throws it. */
const failing = (name: string, message = name) => Object.assign(new Error(message), { name });

/** What an operator reads when AWS answers so. */
async function told(error: Error): Promise<string> {
  cloudFormation.on(DescribeStacksCommand).rejects(error);
  return connect('dev').then(
    () => 'nothing',
    (reason) => failureText(reason),
  );
}

beforeEach(() => {
  cloudFormation.reset();
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => cloudFormation.restore());

describe('a failure of AWS is told in a sentence, with the next step', () => {
  it.each([
    ['ExpiredToken', 'has expired', 'aws sso login'],
    ['InvalidClientTokenId', 'does not accept your credentials', 'aws sts get-caller-identity'],
    ['ThrottlingException', 'asks for a pause', 'in a minute'],
    ['AccessDenied', 'You may not do this', 'policy'],
    ['ResourceNotFoundException', 'no longer has a part', 'cdk diff'],
  ])('%s', async (name, sentence, next) => {
    const text = await told(failing(name));
    expect(text).toContain(sentence);
    expect(text.split('\n')).toHaveLength(2);
    expect(text.split('\n')[1]).toContain(next);
  });

  it('names the action that is refused, and nobody', async () => {
    const message =
      'User: arn:aws:sts::111122223333:assumed-role/Ops/ann@example.com is not authorized to perform: cloudformation:DescribeStacks on resource: x';
    const text = await told(failing('AccessDenied', message));
    expect(text).toContain('refuses the action cloudformation:DescribeStacks');
    expect(text).not.toContain('ann@example.com');
  });

  it('says that the network is to blame where nothing answers', async () => {
    const text = await told(Object.assign(failing('Error', 'connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' }));
    expect(text).toContain('AWS cannot be reached (ECONNREFUSED)');
  });

  it('says that an environment is not deployed, and how to deploy it', async () => {
    expect(await told(failing('ValidationError', 'Stack does not exist'))).toContain('npx cdk deploy --all -c env=dev');
  });

  it('says that no credentials are there', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('HOME', '/nowhere');
    expect(await told(failing('never asked'))).toMatch(/AWS gives no credentials: .*\nLog in first/);
  });

  it('says which environment is not there', async () => {
    await expect(connect('nowhere')).rejects.toThrow('environments/nowhere.json does not exist');
  });
});

it('passes on what was written for the operator', () => {
  expect(failureText(new OperatorError('No.', 'Do this.'))).toBe('No.\nDo this.');
  expect(failureText(new ConfigurationError('Wrong.'))).toBe('Wrong.');
  expect(failureText(new Error('Plain.'))).toBe('Plain.');
});
