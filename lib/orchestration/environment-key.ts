import type { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { allowLogGroups } from '../kit/log-group';

export interface EnvironmentKeyProps {
  /** Name of the key's alias, without `alias/`. */
  readonly alias: string;
  /** Log groups that may use the key, as the end of their ARN; `*` matches any text. */
  readonly logGroups: readonly string[];
  readonly removalPolicy: RemovalPolicy;
}

/**
 * Encrypts all that belongs to Airflow: MWAA wants one key for the environment, its bucket and its logs. For its own database, queue
 * and secrets it takes grants on the key when the environment is created, with the permissions of whoever deploys.
 * "Customer managed keys for data encryption", Amazon MWAA User Guide.
 */
export class EnvironmentKey extends Key {
  constructor(scope: Construct, id: string, props: EnvironmentKeyProps) {
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'Key', {
      alias: props.alias,
      description: "Encrypts Airflow's environment, bucket and logs",
      enableKeyRotation: true,
      removalPolicy: props.removalPolicy,
    });
    allowLogGroups(this, props.logGroups);
  }
}
