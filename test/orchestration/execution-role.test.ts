import { describe, expect, it } from 'vitest';
import { only, orchestrationTemplate } from '../support/orchestration';
import { objectAccess, statementsOf } from '../support/policies';

const template = orchestrationTemplate();
const statements = statementsOf(template, 'ExecutionRole');
const ENVIRONMENT = 'environment/reviews-test-airflow';

/** Where an action is allowed. */
function allowed(action: string): string[] {
  return statements
    .filter(({ effect, actions }) => effect === 'Allow' && actions.includes(action))
    .flatMap(({ resources }) => resources);
}

describe('the execution role of Airflow', () => {
  it('is assumed by MWAA for this environment alone', () => {
    const role = Object.entries(template.findResources('AWS::IAM::Role')).find(([id]) =>
      id.startsWith('ExecutionRole'),
    );
    const environment = expect.stringContaining(ENVIRONMENT);
    expect(role?.[1].Properties.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Action: 'sts:AssumeRole',
        Effect: 'Allow',
        Principal: { Service: ['airflow-env.amazonaws.com', 'airflow.amazonaws.com'] },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: { 'aws:SourceArn': { 'Fn::Join': ['', expect.arrayContaining([environment])] } },
        },
      },
    ]);
  });

  it('has the statements that MWAA documents', () => {
    expect(allowed('airflow:PublishMetrics')).toEqual([expect.stringContaining(ENVIRONMENT)]);
    expect(allowed('s3:GetObject*')).toEqual([
      expect.stringMatching(/^<Airflow.*Arn>$/),
      expect.stringMatching(/^<Airflow.*Arn>\/\*$/),
    ]);
    for (const action of ['s3:GetBucket*', 's3:List*']) expect(allowed(action)).toEqual(allowed('s3:GetObject*'));
    for (const action of ['s3:GetAccountPublicAccessBlock', 'logs:DescribeLogGroups', 'cloudwatch:PutMetricData']) {
      expect(allowed(action)).toEqual(['*']);
    }
    for (const action of [
      'CreateLogStream',
      'CreateLogGroup',
      'PutLogEvents',
      'GetLogEvents',
      'GetLogRecord',
      'GetLogGroupFields',
      'GetQueryResults',
    ]) {
      expect(allowed(`logs:${action}`)).toEqual([expect.stringMatching(/:log-group:airflow-reviews-test-airflow-\*$/)]);
    }
    for (const action of [
      'ChangeMessageVisibility',
      'DeleteMessage',
      'GetQueueAttributes',
      'GetQueueUrl',
      'ReceiveMessage',
      'SendMessage',
    ]) {
      expect(allowed(`sqs:${action}`)).toEqual([expect.stringMatching(/:sqs:<AWS::Region>:\*:airflow-celery-\*$/)]);
    }
    expect(statements).toContainEqual({
      effect: 'Deny',
      actions: ['s3:ListAllMyBuckets'],
      resources: allowed('s3:GetObject*'),
    });
  });

  it("uses the environment's key through S3 and SQS alone", () => {
    const policies = Object.values(template.findResources('AWS::IAM::Policy'));
    const all = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const [statement, ...others] = all.filter(
      ({ Condition }: { Condition?: Record<string, unknown> }) => Condition?.StringLike !== undefined,
    );
    expect(others).toEqual([]);
    expect(statement.Action).toEqual(['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*']);
    expect(statement.Resource).toEqual(only(template, 'AWS::MWAA::Environment').properties.KmsKey);
    expect(JSON.stringify(statement.Condition.StringLike['kms:ViaService'])).toMatch(/sqs\..*s3\./);
  });

  it('reads the secrets of dbt and of Airflow, writes artifacts, reports failures, and does no more', () => {
    expect(allowed('secretsmanager:GetSecretValue')).toEqual([
      expect.stringMatching(/:secret:reviews-test\/airflow\/connections\/\*$/),
      expect.stringMatching(/:secret:reviews-test\/airflow\/variables\/\*$/),
      expect.stringMatching(/:secret:reviews-test\/dbt-login-\?{6}$/),
    ]);
    expect(objectAccess(template, 'ExecutionRole', 'Airflow')['s3:PutObject']).toEqual(['/artifacts/dbt/*']);
    expect(allowed('sns:Publish')).toEqual([expect.stringContaining('Alerts')]);
    const services = statements.flatMap(({ actions }) => actions.map((action) => action.split(':')[0]));
    expect([...new Set(services)].sort()).toEqual([
      'airflow',
      'cloudwatch',
      'kms',
      'logs',
      's3',
      'secretsmanager',
      'sns',
      'sqs',
    ]);
  });

  it("reads a secret of dbt's own, with its key, where there is one", () => {
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234';
    const own = statementsOf(
      orchestrationTemplate({ dbtSecretName: 'reviews/test/dbt', dbtSecretKeyArn: arn }),
      'ExecutionRole',
    );
    const resources = own.flatMap((statement) => statement.resources);
    expect(resources).toContain(arn);
    expect(resources.filter((resource) => resource.includes(':secret:reviews/test/'))).toEqual([
      expect.stringMatching(/:secret:reviews\/test\/dbt-\?{6}$/),
    ]);
  });
});
