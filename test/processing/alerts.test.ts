import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { configuration, synthesise } from '../support/synthesised';

const { processing } = synthesise(configuration({ alertEmails: ['on-call@example.com', 'data@example.com'] }));
const operationsKey = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Operations'), 'Arn'] };

describe('the alert topic', () => {
  it('is encrypted, refuses requests without TLS and lets alarms of the account publish', () => {
    processing.hasResourceProperties('AWS::SNS::Topic', {
      TopicName: 'reviews-test-alerts',
      KmsMasterKeyId: operationsKey,
    });
    processing.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  it('reaches every address of the settings', () => {
    const subscriptions = Object.values(processing.findResources('AWS::SNS::Subscription'));
    expect(subscriptions.map(({ Properties }) => [Properties.Protocol, Properties.Endpoint])).toEqual([
      ['email', 'on-call@example.com'],
      ['email', 'data@example.com'],
    ]);
  });
});

describe('the operations key', () => {
  it('is rotated and open to the logs of the pipeline, not to all', () => {
    processing.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } },
            Condition: {
              ArnLike: {
                'kms:EncryptionContext:aws:logs:arn': Match.arrayWith([
                  {
                    'Fn::Join': [
                      '',
                      Match.arrayWith([Match.stringLikeRegexp(':log-group:/aws/lambda/reviews-test-\\*$')]),
                    ],
                  },
                ]),
              },
            },
          }),
        ]),
      },
    });
  });

  it('is open to services of this account alone', () => {
    const [key] = Object.values(processing.findResources('AWS::KMS::Key'));
    const statements = key?.Properties.KeyPolicy.Statement as {
      Principal: { Service?: string };
      Condition?: unknown;
    }[];
    const services = statements.filter(({ Principal }) => Principal.Service !== undefined);
    expect(services.length).toBeGreaterThan(0);
    expect(services.filter(({ Condition }) => Condition === undefined)).toEqual([]);
  });
});

describe('the outputs', () => {
  it.each(['ReviewIntakeStateMachineArn', 'CleanJobName', 'FlattenJobName', 'AlertTopicArn'])('%s is there', (name) => {
    processing.hasOutput(name, {});
  });
});
