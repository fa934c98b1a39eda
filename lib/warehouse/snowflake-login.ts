import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { PipelineFunction } from '../kit/pipeline-function';

/** How the functions log in to Snowflake. */
export interface SnowflakeLogin {
  /** Secret with the login. */
  readonly secretName: string;
  /** ARN of the secret's key, where it is not AWS's own. */
  readonly secretKeyArn: string | undefined;
}

/** Environment of a function that logs in to Snowflake. */
export function snowflakeEnvironment({ secretName }: SnowflakeLogin): Record<string, string> {
  return {
    SNOWFLAKE_SECRET: secretName,
    // Otherwise the driver asks the metadata services of three clouds where it runs, and tells Snowflake.
    SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
    // By default below the home directory, which in Lambda cannot be written to.
    SF_OCSP_RESPONSE_CACHE_DIR: '/tmp',
  };
}

/** Allows a function to read the login. */
export function allowSnowflakeLogin(of: PipelineFunction, { secretName, secretKeyArn }: SnowflakeLogin): void {
  // Secrets Manager adds six characters to the name.
  const secret = Stack.of(of).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${secretName}-??????`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  of.role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret] }));
  if (secretKeyArn) of.role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [secretKeyArn] }));
}
