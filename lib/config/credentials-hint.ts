/**
 * What to do first where the CDK command line found no AWS credentials; undefined where it found some, and where the app runs without
 * that command line. It resolves the account before it runs the app, but a deployment fails only after the whole synthesis.
 */
export function credentialsHint(environment: NodeJS.ProcessEnv): string | undefined {
  if (!environment.CDK_CLI_VERSION || environment.CDK_DEFAULT_ACCOUNT) return undefined;
  return [
    'No AWS credentials found. Synthesis needs none. Before a deployment:',
    '  1. sign in: `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY;',
    '  2. once for each account and region: `npx cdk bootstrap aws://ACCOUNT/REGION`;',
    '  3. choose an environment of environments/: `npx cdk deploy --all -c env=dev`.',
  ].join('\n');
}
