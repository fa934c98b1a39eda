/** Why a resource could not be provisioned, in one sentence for CloudFormation's event: no secret, no literal of a statement. */
export class ProvisioningError extends Error {
  override readonly name = 'ProvisioningError';
}

/** Snowflake could not be logged in to: nothing was done there. */
export class LoginError extends ProvisioningError {}
