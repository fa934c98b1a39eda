import { z } from 'zod';

/** What an account asks of whoever deploys to it. */
export const deploymentSettings = z
  .strictObject({
    permissionsBoundary: z
      .string()
      .regex(/^[\w+=,.@-]{1,128}$/, 'expected the name of a managed policy')
      .optional()
      .describe("Name of the account's managed policy that bounds every role. Without it roles have no boundary."),
    bootstrapQualifier: z
      .string()
      .regex(/^[a-z0-9]{1,10}$/, 'expected 1 to 10 small letters and digits')
      .optional()
      .describe("Qualifier of the bootstrap stack (cdk bootstrap --qualifier). By default the CDK's own."),
  })
  .prefault({});
