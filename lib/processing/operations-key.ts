import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { allowLogGroups } from '../kit/log-group';

export interface OperationsKeyProps {
  /** Name of the key's alias, without `alias/`. */
  readonly alias: string;
  /** Log groups that may use the key, as the end of their ARN; `*` matches any text. */
  readonly logGroups: readonly string[];
  readonly removalPolicy: RemovalPolicy;
}

/** Encrypts what the pipeline says about its work: logs, alerts, queues and dead letters. No received data. */
export class OperationsKey extends Key {
  constructor(scope: Construct, id: string, props: OperationsKeyProps) {
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'Key', {
      alias: props.alias,
      description: 'Encrypts logs, alerts, queues and dead letters of the review pipeline',
      enableKeyRotation: true,
      removalPolicy: props.removalPolicy,
    });

    allowLogGroups(this, props.logGroups);
    // Rules put events into queues, alarms publish to the topic; both need the key to do so.
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'RulesAndAlarmsOfThisAccount',
        principals: [new ServicePrincipal('events.amazonaws.com'), new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
  }
}
