import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export interface AlertTopicProps {
  readonly topicName: string;
  readonly encryptionKey: IKey;
  /** Addresses that receive every alert. */
  readonly emails: readonly string[];
}

/** Where failures are announced to the people on call. */
export class AlertTopic extends Topic {
  constructor(scope: Construct, id: string, props: AlertTopicProps) {
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'Topic', {
      topicName: props.topicName,
      displayName: 'Review pipeline alerts',
      masterKey: props.encryptionKey,
      enforceSSL: true,
    });
    // A custom topic policy replaces the default policy, which allows alarms of the account to publish.
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AlarmsOfThisAccount',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    for (const email of props.emails) {
      Validations.of(this.addSubscription(new EmailSubscription(email))).acknowledge({
        id: 'Serverless-SNSRedrivePolicy',
        reason:
          'SNS itself retries an e-mail for hours. A later one would come too late, and the failure stays in the ledger.',
      });
    }
  }
}
