import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcePrefix } from '../../lib/config/resource-prefix';
import { loadSettings } from '../../lib/config/settings';
import { envelopes } from '../../lib/contracts/envelopes';
import { sources } from '../../lib/contracts/sources';
import { flat, objectAccess, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const { changeCapture } = loadSettings('example');
if (!changeCapture) throw new Error('The example has every part switched on.');
const synthesised = synthesise(configuration({ changeCapture }));
const stack = synthesised.changeCapture;
if (!stack) throw new Error('The settings name a database, and there is no stack.');

const name = 'reviews-test';
const task = Object.values(stack.findResources('AWS::DMS::ReplicationTask'))[0]?.Properties ?? {};

describe('change capture', () => {
  it('is not there unless the settings name a database: no stack, no alarm', () => {
    const without = synthesise();
    expect(without.changeCapture).toBeUndefined();
    expect(JSON.stringify(without.monitoring.toJSON())).not.toContain('change-capture');
  });

  it('checks the name and the certificate of the database, and knows no password', () => {
    stack.hasResourceProperties('AWS::DMS::Endpoint', {
      EndpointType: 'source',
      SslMode: 'verify-full',
      CertificateArn: changeCapture.certificateArn,
      Password: Match.absent(),
      Username: Match.absent(),
      PostgreSqlSettings: Match.objectLike({ SecretsManagerSecretId: changeCapture.secretName }),
    });
    const read = statementsOf(stack, 'SourceLoginRole');
    expect(read.map(({ actions }) => actions)).toEqual([
      ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
    ]);
    expect(flat(read[0]?.resources)).toContain(`:secret:${changeCapture.secretName}-??????`);
  });

  it('writes below the folder of its source only', () => {
    expect(objectAccess(stack, 'TargetWriterRole', 'RawBucket')).toEqual({
      's3:PutObject': ['/reviews/shop-database/*'],
      's3:DeleteObject': ['/reviews/shop-database/*'],
      's3:PutObjectTagging': ['/reviews/shop-database/*'],
    });
  });

  it('says of every change what the envelopes and the contract look for', () => {
    const [target] = Object.values(
      stack.findResources('AWS::DMS::Endpoint', { Properties: { EndpointType: 'target' } }),
    );
    const { TimestampColumnName, IncludeOpForFullLoad, DataFormat, ParquetTimestampInMillisecond } =
      target?.Properties.S3Settings ?? {};
    expect({ IncludeOpForFullLoad, DataFormat, ParquetTimestampInMillisecond }).toEqual({
      IncludeOpForFullLoad: true,
      DataFormat: 'parquet',
      ParquetTimestampInMillisecond: false,
    });
    const place = JSON.parse(task.TableMappings).rules[1];
    const [change, copy] = ['dms-change', 'dms-copy'].map((one) => envelopes.find((each) => each.name === one));
    expect(change?.keys).toEqual([place.value, 'Op']);
    expect(copy?.keys).toEqual([TimestampColumnName, 'Op']);
    expect(place.expression).toBe('$AR_H_CHANGE_SEQ');
    const contract = sources.get('shop-database');
    expect(contract?.fields).toMatchObject({ updated_at: [TimestampColumnName, 'updated_at'] });
  });

  it('captures one table, whatever other names are like it', () => {
    const other = synthesise(configuration({ changeCapture: { ...changeCapture, table: 'product_reviews' } }));
    const [found] = Object.values(other.changeCapture?.findResources('AWS::DMS::ReplicationTask') ?? {});
    expect(JSON.parse(found?.Properties.TableMappings).rules[0]['object-locator']).toEqual({
      'schema-name': 'public',
      'table-name': 'product[_]reviews',
    });
  });

  it('skips no row: what cannot be written stops it', () => {
    const settings = JSON.parse(task.ReplicationTaskSettings);
    const policies = Object.entries(settings.ErrorBehavior).filter(([policy]) => policy.endsWith('Policy'));
    expect(policies.length).toBeGreaterThan(5);
    for (const [, policy] of policies) expect(policy).toBe('STOP_TASK');
    expect(settings.FullLoadSettings.TargetTablePrepMode).toBe('DO_NOTHING');
  });

  it('runs in private subnets, encrypted, with a log that ends', () => {
    stack.hasResourceProperties('AWS::DMS::ReplicationInstance', {
      PubliclyAccessible: false,
      KmsKeyId: Match.anyValue(),
      ReplicationInstanceClass: 'dms.t3.small',
    });
    stack.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: `dms-tasks-${name}`,
      KmsKeyId: Match.anyValue(),
      RetentionInDays: 90,
    });
  });

  it('has names that end no ARN of DMS after more than 31 characters, however long those of the settings are', () => {
    const longest = {
      ...configuration({ changeCapture }).settings,
      namePrefix: 'a123456789012345',
      environment: 'b12345678901',
    };
    expect(resourcePrefix(longest).length).toBeLessThanOrEqual(31);
    for (const type of ['AWS::DMS::ReplicationInstance', 'AWS::DMS::ReplicationTask']) {
      stack.hasResourceProperties(type, { ResourceIdentifier: name });
    }
  });

  it('moves the slot of an idle table', () => {
    stack.hasResourceProperties('AWS::DMS::Endpoint', {
      PostgreSqlSettings: Match.objectLike({ HeartbeatEnable: true, HeartbeatSchema: 'dms', HeartbeatFrequency: 5 }),
    });
  });
});

describe('the keeper of change capture', () => {
  const [machine] = Object.values(stack.findResources('AWS::StepFunctions::StateMachine'));
  const { States } = JSON.parse(flat(machine?.Properties.DefinitionString));

  it('starts a new task, makes a failed one go on, and leaves one that somebody has stopped', () => {
    expect(States['How is it?']).toMatchObject({
      Choices: [
        { Condition: "{% $task.Status = 'ready' %}", Next: 'Test the connection to the database' },
        { Condition: "{% $task.Status = 'failed' %}", Next: 'Make it go on' },
      ],
      Default: 'Nothing to do',
    });
    expect(States['Start it'].Arguments.StartReplicationTaskType).toBe('start-replication');
    expect(States['Make it go on']).toMatchObject({
      Arguments: { StartReplicationTaskType: 'resume-processing' },
      Next: 'Alert on-call',
    });
  });

  it('starts a task when both of its connections were tested, as DMS wants it, and waits for the tests', () => {
    const tests = ['Test the connection to the database', 'Test the connection to the bucket'];
    expect(tests.map((test) => States[test])).toMatchObject([
      { Resource: expect.stringMatching(/:testConnection$/), Next: tests[1] },
      { Resource: expect.stringMatching(/:testConnection$/), Next: 'Start it' },
    ]);
    const [{ IntervalSeconds, MaxAttempts, BackoffRate }] = States['Start it'].Retry;
    expect({ seconds: IntervalSeconds * MaxAttempts, BackoffRate }).toEqual({ seconds: 240, BackoffRate: 1 });
  });

  it('may start this task, and no other', () => {
    const starts = statementsOf(stack, 'KeeperStateMachineRole').filter(({ actions }) =>
      actions.includes('dms:StartReplicationTask'),
    );
    expect(starts).toHaveLength(1);
    expect(starts[0]?.resources).toEqual([expect.stringMatching(/^<ReplicationTask/)]);
  });
});

describe('the alarms on change capture', () => {
  it.each([
    ['source-lag', { Namespace: 'AWS/DMS', MetricName: 'CDCLatencySource', Threshold: 900 }],
    ['target-lag', { Namespace: 'AWS/DMS', MetricName: 'CDCLatencyTarget', Threshold: 900 }],
    ['slot', { Namespace: 'AWS/RDS', MetricName: 'OldestReplicationSlotLag', Threshold: 4096 * 1024 ** 2 }],
    ['failed', { MetricName: 'ExecutionsFailed' }],
    ['silent', { MetricName: 'ExecutionsSucceeded', TreatMissingData: 'breaching' }],
  ])('%s', (alarm, expected) => {
    synthesised.monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `reviews-test-change-capture-${alarm}`,
      ...expected,
    });
  });

  it('have none on the slot of a database that is not in RDS', () => {
    const elsewhere = synthesise(configuration({ changeCapture: { ...changeCapture, rdsInstance: undefined } }));
    expect(JSON.stringify(elsewhere.monitoring.toJSON())).not.toContain('change-capture-slot');
  });
});

describe('settings of change capture', () => {
  it.each([
    ['a source contract that reads no Parquet', { source: 'native' }, /changeCapture\.source: received "native"/],
    ['one subnet', { subnetIds: ['subnet-0123456789abcdef0'] }, /expected two subnets or more/],
    ['a table in capitals', { table: 'Reviews' }, /changeCapture\.table: received "Reviews"/],
  ])('%s is refused', (_what, change, message) => {
    expect(() => configuration({ changeCapture: { ...changeCapture, ...change } })).toThrow(message);
  });
});
