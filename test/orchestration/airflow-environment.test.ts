import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { only, orchestrationSettings, orchestrationTemplate } from '../support/orchestration';
import { flat } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

const template = orchestrationTemplate({
  airflowVersion: '3.0.6',
  environmentClass: 'mw1.medium',
  minWorkers: 2,
  maxWorkers: 5,
  maintenanceWindow: 'TUE:01:30',
  dbtSchedule: '3 4 * * *',
  logLevels: { scheduler: 'ERROR' },
  artifactDays: 30,
});
const { properties: environment, dependsOn } = only(template, 'AWS::MWAA::Environment');

describe('the orchestration stack', () => {
  it('is there only where the settings have it, and it is enabled', () => {
    expect(synthesise().stacks.orchestration).toBeUndefined();
    expect(synthesise(configuration(orchestrationSettings())).stacks.orchestration).toBeDefined();
  });

  it('leaves no trace in the others when it is switched off', () => {
    const off = synthesise(configuration(orchestrationSettings({ enabled: false })));
    const none = synthesise(configuration({ warehouse: { secretName: 'reviews/test/snowflake', compute: {} } }));
    expect(off.stacks.orchestration).toBeUndefined();
    for (const stack of ['storage', 'processing', 'intake', 'monitoring', 'warehouse'] as const) {
      expect(off[stack]?.toJSON()).toEqual(none[stack]?.toJSON());
    }
  });
});

describe('the environment of Airflow', () => {
  it('has version, class, workers and maintenance window of the settings', () => {
    expect(environment).toMatchObject({
      Name: 'reviews-test-airflow',
      AirflowVersion: '3.0.6',
      EnvironmentClass: 'mw1.medium',
      MinWorkers: 2,
      MaxWorkers: 5,
      WeeklyMaintenanceWindowStart: 'TUE:01:30',
    });
  });

  it('lets running tasks end before it replaces a worker', () => {
    expect(environment.WorkerReplacementStrategy).toBe('GRACEFUL');
  });

  it.each([
    ['private', 'PRIVATE_ONLY'],
    ['public', 'PUBLIC_ONLY'],
  ] as const)('has a %s web server where the settings say so', (webserverAccess, mode) => {
    orchestrationTemplate({ webserverAccess }).hasResourceProperties('AWS::MWAA::Environment', {
      WebserverAccessMode: mode,
    });
  });

  it('has a private web server by default', () => {
    expect(environment.WebserverAccessMode).toBe('PRIVATE_ONLY');
  });

  it('keeps all five logs at the levels of the settings', () => {
    const kept = (LogLevel: string) => ({ Enabled: true, LogLevel });
    expect(environment.LoggingConfiguration).toEqual({
      DagProcessingLogs: kept('WARNING'),
      SchedulerLogs: kept('ERROR'),
      TaskLogs: kept('INFO'),
      WebserverLogs: kept('WARNING'),
      WorkerLogs: kept('WARNING'),
    });
  });

  it.each(['DAGProcessing', 'Scheduler', 'Task', 'WebServer', 'Worker'])(
    'writes the log %s to a group that is there before it, encrypted, with an end to its events',
    (name) => {
      const groups = Object.entries(template.findResources('AWS::Logs::LogGroup'));
      const [id, group] = groups.find(
        ([, { Properties }]) => Properties.LogGroupName === `airflow-reviews-test-airflow-${name}`,
      ) ?? ['', undefined];
      expect(group?.Properties).toMatchObject({ RetentionInDays: 90, KmsKeyId: environment.KmsKey });
      expect(dependsOn).toContain(id);
    },
  );

  it('is made after its role, its network and its files', () => {
    for (const made of [/^ExecutionRoleDefaultPolicy/, /^NetworkVpcAirflowEnv/, /^Delivery.*CustomResource/]) {
      expect(dependsOn).toContainEqual(expect.stringMatching(made));
    }
  });

  it('encrypts with one rotated key of its own, which its logs may use, and those of nobody else', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    const { EnableKeyRotation, KeyPolicy } = only<{
      EnableKeyRotation: boolean;
      KeyPolicy: {
        Statement: { Principal: { Service?: unknown }; Condition?: { ArnLike: Record<string, unknown[]> } }[];
      };
    }>(template, 'AWS::KMS::Key').properties;
    expect(EnableKeyRotation).toBe(true);
    const services = KeyPolicy.Statement.filter(({ Principal }) => Principal.Service !== undefined);
    expect(services.map(({ Principal }) => flat(Principal.Service))).toEqual(['logs.<AWS::Region>.amazonaws.com']);
    expect(services[0]?.Condition?.ArnLike['kms:EncryptionContext:aws:logs:arn']?.map(flat)).toEqual([
      expect.stringMatching(/:log-group:airflow-reviews-test-airflow-DAGProcessing$/),
      expect.stringMatching(/:log-group:airflow-reviews-test-airflow-Scheduler$/),
      expect.stringMatching(/:log-group:airflow-reviews-test-airflow-Task$/),
      expect.stringMatching(/:log-group:airflow-reviews-test-airflow-WebServer$/),
      expect.stringMatching(/:log-group:airflow-reviews-test-airflow-Worker$/),
      expect.stringMatching(/:log-group:\/aws\/vpc\/reviews-test-airflow$/),
    ]);
  });
});

describe("Airflow's configuration", () => {
  const options = environment.AirflowConfigurationOptions as Record<string, unknown>;

  it('does not mark the DAG as stale, and lose its events, after several failed runs in a row', () => {
    expect(Number(options['dag_processor.stale_dag_threshold'])).toBeGreaterThanOrEqual(3600);
  });

  it('looks for connections and variables in Secrets Manager, below the name of the environment', () => {
    expect(options['secrets.backend']).toMatch(/SecretsManagerBackend$/);
    expect(JSON.parse(String(options['secrets.backend_kwargs']))).toEqual({
      connections_prefix: 'reviews-test/airflow/connections',
      variables_prefix: 'reviews-test/airflow/variables',
    });
  });

  it('tells the DAG what only a deployment knows', () => {
    const told = Object.entries(options).filter(([name]) => name.startsWith('reviews.'));
    expect(Object.fromEntries(told.map(([name, value]) => [name, flat(value)]))).toEqual({
      'reviews.alert_topic_arn': expect.stringContaining('Alerts'),
      'reviews.environment': 'reviews-test',
      'reviews.artifacts_uri': expect.stringMatching(/^s3:\/\/<AirflowBucket.*>\/artifacts\/dbt$/),
      'reviews.dbt_schedule': '3 4 * * *',
      'reviews.snowflake_secret': 'reviews-test/dbt-login',
      'reviews.snowflake_role': 'REVIEWS_TRANSFORMER',
      'reviews.snowflake_warehouse': 'REVIEWS_WH',
      'reviews.snowflake_database': 'REVIEWS',
      'reviews.snowflake_governance': 'false',
    });
  });

  it('names a secret, never what is in it', () => {
    expect(JSON.stringify(template.toJSON())).not.toContain('resolve:secretsmanager');
  });
});

describe('the bucket of Airflow', () => {
  it("is versioned, private and encrypted with the environment's key, as MWAA demands", () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: environment.KmsKey } },
        ],
      },
    });
  });

  it('refuses requests without TLS, logs accesses, and ends artifacts by the settings', () => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: Match.stringLikeRegexp('^AirflowBucket') },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      LoggingConfiguration: { LogFilePrefix: 'airflow/' },
      LifecycleConfiguration: {
        Rules: Match.arrayWith([Match.objectLike({ Prefix: 'artifacts/dbt/', ExpirationInDays: 30 })]),
      },
    });
  });

  it('is kept when the stack is deleted, unless both keys to destroying data are given', () => {
    const resources = (destroyData: boolean) =>
      synthesise(configuration(orchestrationSettings(), destroyData)).orchestration;
    resources(false)?.allResources('AWS::S3::Bucket', { DeletionPolicy: 'RetainExceptOnCreate' });
    resources(true)?.allResources('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });
});
