import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { SettingsInput } from '../../lib/config/schema';
import { parseSettings } from '../../lib/config/settings';
import { objectAccess, statementsOf } from '../support/policies';
import { configuration, type SynthesisedPipeline, synthesise } from '../support/synthesised';

const CLUSTER = 'arn:aws:kafka:eu-central-1:111122223333:cluster/orders/0a1b2c3d-0000-1111-2222-333344445555-1';
const ofMsk = {
  name: 'live',
  source: 'native',
  topic: 'reviews',
  deadLetterTopic: 'reviews-dead-letters',
  cluster: CLUSTER,
  authentication: 'iam',
  network: { vpcId: 'vpc-0a1b2c3d4e5f67890', subnetId: 'subnet-0a1b2c3d4e5f67890', availabilityZone: 'eu-central-1a' },
} as const;
const ofAnother = {
  name: 'shop',
  source: 'native',
  topic: 'shop.reviews',
  deadLetterTopic: 'shop.dead',
  bootstrap: 'b1.example.com:9096,b2.example.com:9096',
  authentication: 'scram',
  secretName: 'kafka/shop',
} as const;

const synthesised: SynthesisedPipeline = synthesise(configuration({ streams: [ofMsk, ofAnother] }));
const stack = synthesised.streams;
if (!stack) throw new Error('The settings name streams, and there is no stack.');

describe('the streams', () => {
  it('are not there unless the settings name them: no stack, no alarm, no cost', () => {
    const without = synthesise();
    expect(without.streams).toBeUndefined();
    expect(JSON.stringify(without.monitoring.toJSON())).not.toContain('stream-');
  });

  it('are streaming jobs of the smallest size, one run each, that Glue restarts at a time we know', () => {
    for (const name of ['live', 'shop']) {
      stack.hasResourceProperties('AWS::Glue::Job', {
        Name: `reviews-test-stream-${name}`,
        Command: Match.objectLike({ Name: 'gluestreaming', PythonVersion: '3' }),
        GlueVersion: '6.0',
        WorkerType: 'G.025X',
        NumberOfWorkers: 2,
        ExecutionProperty: { MaxConcurrentRuns: 1 },
        MaintenanceWindow: 'Sun:02',
        SecurityConfiguration: Match.anyValue(),
      });
    }
  });

  it('are started again within five minutes, wherever they do not run', () => {
    stack.hasResourceProperties('AWS::Scheduler::Schedule', {
      Name: 'reviews-test-stream-live',
      ScheduleExpression: 'rate(5 minutes)',
      KmsKeyArn: Match.anyValue(),
      Target: Match.objectLike({
        Input: '{"JobName":"reviews-test-stream-live"}',
        RetryPolicy: Match.objectLike({ MaximumRetryAttempts: 0 }),
      }),
    });
  });

  it('have no login among the arguments of the job, only the name of its secret', () => {
    const jobs = stack.findResources('AWS::Glue::Job', { Properties: { Name: 'reviews-test-stream-shop' } });
    const [job] = Object.values(jobs);
    expect(job?.Properties.DefaultArguments).toMatchObject({
      '--login': 'kafka/shop',
      '--authentication': 'scram',
      '--bootstrap': ofAnother.bootstrap,
    });
  });

  it('write to their own folders, and to nothing else', () => {
    expect(objectAccess(stack, 'shopRole', 'RawBucket')).toEqual({
      's3:GetObject': ['/dead-letters/shop/*', '/reviews/native/shop/*'],
      's3:PutObject': ['/dead-letters/shop/*', '/reviews/native/shop/*'],
    });
  });

  it('read one topic and write one, where IAM decides', () => {
    const statements = statementsOf(stack, 'liveRole');
    const resourceOf = (action: string) =>
      statements.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => resources);
    const topics = CLUSTER.replace(':cluster/', ':topic/');
    expect(resourceOf('kafka-cluster:ReadData')).toEqual([`${topics}/reviews`]);
    expect(resourceOf('kafka-cluster:WriteData')).toEqual([`${topics}/reviews-dead-letters`]);
    expect(JSON.stringify(statementsOf(stack, 'shopRole'))).not.toContain('kafka-cluster:');
  });

  it('run in the subnet of the brokers where the settings say so, in a group that opens to itself only', () => {
    stack.resourceCountIs('AWS::Glue::Connection', 1);
    stack.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      SourceSecurityGroupId: Match.objectLike({ 'Fn::GetAtt': Match.anyValue() }),
    });
  });

  it('make network interfaces in that subnet and that group only', () => {
    const [places] = statementsOf(stack, 'liveRole')
      .filter(({ actions }) => actions.includes('ec2:CreateNetworkInterface'))
      .map(({ resources }) => resources);
    expect(places).toEqual([
      expect.stringMatching(/:network-interface\/\*$/),
      expect.stringMatching(/:security-group\//),
      expect.stringMatching(/:subnet\/subnet-0a1b2c3d4e5f67890$/),
    ]);
    expect(JSON.stringify(statementsOf(stack, 'shopRole'))).not.toContain('ec2:');
  });

  it('have alarms: they fall behind, they have stopped, a message could not be stored', () => {
    for (const kind of ['lag', 'stopped', 'dead-letters']) {
      synthesised.monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmName: `reviews-test-stream-live-${kind}`,
      });
    }
    synthesised.monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'reviews-test-stream-live-stopped',
      TreatMissingData: 'breaching',
      ComparisonOperator: 'LessThanThreshold',
    });
  });
});

describe('the setting streams', () => {
  const wrong = (stream: object) => () =>
    parseSettings({ environment: 'test', streams: [stream] } as SettingsInput, 'the test');
  const { cluster: _cluster, ...nowhere } = ofMsk;

  it.each([
    ['names no broker', nowhere, /cluster: received nothing; expected either cluster or bootstrap/],
    ['names brokers twice', { ...ofMsk, bootstrap: 'b:9096' }, /expected either cluster or bootstrap/],
    ['wants IAM elsewhere than at MSK', { ...ofAnother, authentication: 'iam' }, /only clusters of MSK know IAM/],
    ['has a user without a secret', { ...ofAnother, secretName: undefined }, /name of a secret/],
    ['reads its own dead letters', { ...ofMsk, deadLetterTopic: 'reviews' }, /another topic/],
    ['has a source of another format', { ...ofMsk, source: 'nobody' }, /whose format is json/],
  ])('is refused where it %s', (_what, stream, message) => {
    expect(wrong(stream)).toThrow(message);
  });

  it('is refused where two streams have one name', () => {
    const streams = [ofMsk, { ...ofAnother, name: 'live' }] as unknown as SettingsInput['streams'];
    expect(() => parseSettings({ environment: 'test', streams }, 'the test')).toThrow(/each name once/);
  });
});
