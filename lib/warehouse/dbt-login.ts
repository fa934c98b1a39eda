import { Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

export interface DbtLoginProps {
  readonly secretName: string;
  readonly encryptionKey: IKey;
}

/** The secret with dbt's login. The provisioning function puts the key pair into it that it makes. */
export class DbtLogin extends Secret {
  constructor(scope: Construct, id: string, props: DbtLoginProps) {
    super(scope, id, {
      secretName: props.secretName,
      description: "dbt's login to Snowflake: account, user and private key",
      encryptionKey: props.encryptionKey,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'The key pair is rotated by raising warehouse.dbtKeyGeneration: the public key must reach Snowflake first.',
    });
  }
}
