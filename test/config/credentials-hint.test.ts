import { describe, expect, it } from 'vitest';
import { credentialsHint } from '../../lib/config/credentials-hint';

describe('the hint about AWS credentials', () => {
  it('says what to do first where the CDK command line found none', () => {
    const hint = credentialsHint({ CDK_CLI_VERSION: '2.1148.1', CDK_DEFAULT_REGION: 'us-east-1' });
    expect(hint).toMatch(/No AWS credentials found.*aws sso login.*npx cdk bootstrap.*npx cdk deploy/s);
  });

  it.each([
    ['the command line found an account', { CDK_CLI_VERSION: '2.1148.1', CDK_DEFAULT_ACCOUNT: '111122223333' }],
    ['the app runs without the command line', {}],
  ])('is not given where %s', (_where, environment) => {
    expect(credentialsHint(environment)).toBeUndefined();
  });
});
