import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';

/** Secrets Manager in memory, as the provisioning function meets it: secrets are there, and hold a text of nobody's until written. */
export class FakeSecrets {
  readonly values = new Map<string, string>();
  /** Thrown instead of keeping a value. */
  refuse: () => Error | undefined = () => undefined;

  constructor() {
    const secrets = mockClient(SecretsManagerClient);
    secrets
      .on(GetSecretValueCommand)
      .callsFake(({ SecretId }) => ({ SecretString: this.values.get(SecretId) ?? '?4x' }));
    secrets.on(PutSecretValueCommand).callsFake(({ SecretId, SecretString }) => {
      const refusal = this.refuse();
      if (refusal) throw refusal;
      this.values.set(SecretId, SecretString);
      return {};
    });
  }
}
