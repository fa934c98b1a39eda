import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CompositePrincipal, Effect, type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { allowKey, allowObjects } from '../kit/grants';
import { BUCKET_FOLDERS } from './airflow-names';

export interface ExecutionRoleProps {
  readonly environmentName: string;
  readonly bucket: Pick<IBucket, 'bucketArn' | 'arnForObjects'>;
  readonly environmentKey: IKey;
  /** Where the DAG reports failures, and the key of that topic. */
  readonly alertTopic: ITopic;
  readonly operationsKey: IKey;
  /** Secret with dbt's login, and the ARN of its key where that is not AWS's own. */
  readonly dbtSecretName: string;
  readonly dbtSecretKeyArn: string | undefined;
  /** Connections and variables of Airflow: first part of the names of their secrets, without the slash at the end. */
  readonly secretPrefixes: readonly string[];
}

/** The role of Airflow and of the tasks of its DAGs: what MWAA documents, and what the DAG does on top of it. */
export class ExecutionRole extends Construct {
  readonly role: Role;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExecutionRoleProps,
  ) {
    super(scope, id);
    const { account } = Stack.of(this);
    // "Cross-service confused deputy prevention", Amazon MWAA User Guide.
    const conditions = {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': this.environmentArn() },
    };
    this.role = new Role(this, 'Role', {
      description: `Role of the environment ${props.environmentName} and of its tasks`,
      assumedBy: new CompositePrincipal(
        new ServicePrincipal('airflow.amazonaws.com', { conditions }),
        new ServicePrincipal('airflow-env.amazonaws.com', { conditions }),
      ),
    });
    for (const statement of this.statementsOfMwaa()) this.role.addToPolicy(statement);
    this.allowTheDag();
    acknowledge(this.role, props);
  }

  private environmentArn(): string {
    return this.arn('airflow', 'environment', this.props.environmentName);
  }

  /**
   * The statements of "Sample policy for a customer managed key" in "Amazon MWAA execution role", Amazon MWAA User Guide, as they stand
   * there: MWAA checks some of them before it creates an environment, and does not say which.
   */
  private statementsOfMwaa(): PolicyStatement[] {
    const { bucket, environmentKey, environmentName } = this.props;
    const { region } = Stack.of(this);
    const bucketAndObjects = [bucket.bucketArn, bucket.arnForObjects('*')];
    return [
      new PolicyStatement({ actions: ['airflow:PublishMetrics'], resources: [this.environmentArn()] }),
      new PolicyStatement({ effect: Effect.DENY, actions: ['s3:ListAllMyBuckets'], resources: bucketAndObjects }),
      new PolicyStatement({ actions: ['s3:GetObject*', 's3:GetBucket*', 's3:List*'], resources: bucketAndObjects }),
      // "Grant access to Amazon S3 bucket with account-level public access block", the same page.
      new PolicyStatement({ actions: ['s3:GetAccountPublicAccessBlock'], resources: ['*'] }),
      new PolicyStatement({
        actions: [
          'logs:CreateLogStream',
          'logs:CreateLogGroup',
          'logs:PutLogEvents',
          'logs:GetLogEvents',
          'logs:GetLogRecord',
          'logs:GetLogGroupFields',
          'logs:GetQueryResults',
        ],
        resources: [this.arn('logs', 'log-group', `airflow-${environmentName}-*`, ArnFormat.COLON_RESOURCE_NAME)],
      }),
      new PolicyStatement({ actions: ['logs:DescribeLogGroups'], resources: ['*'] }),
      new PolicyStatement({ actions: ['cloudwatch:PutMetricData'], resources: ['*'] }),
      new PolicyStatement({
        actions: [
          'sqs:ChangeMessageVisibility',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
          'sqs:GetQueueUrl',
          'sqs:ReceiveMessage',
          'sqs:SendMessage',
        ],
        // Of an account of MWAA's.
        resources: [
          Stack.of(this).formatArn({
            service: 'sqs',
            account: '*',
            resource: 'airflow-celery-*',
            arnFormat: ArnFormat.NO_RESOURCE_NAME,
          }),
        ],
      }),
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*', 'kms:Encrypt'],
        resources: [environmentKey.keyArn],
        conditions: {
          StringLike: {
            'kms:ViaService': ['sqs', 's3', 'logs'].map((service) => `${service}.${region}.amazonaws.com`),
          },
        },
      }),
    ];
  }

  /** Reads its secrets, keeps dbt's artifacts, reports failures. */
  private allowTheDag(): void {
    const { role, props } = this;
    const { dbtSecretName, dbtSecretKeyArn, secretPrefixes } = props;
    // Secrets Manager adds six characters to the name.
    const secrets = [`${dbtSecretName}-??????`, ...secretPrefixes.map((prefix) => `${prefix}/*`)];
    role.addToPolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: secrets.map((secret) => this.arn('secretsmanager', 'secret', secret, ArnFormat.COLON_RESOURCE_NAME)),
      }),
    );
    if (dbtSecretKeyArn) {
      role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [dbtSecretKeyArn] }));
    }
    const artifacts = `${BUCKET_FOLDERS.artifacts}/*`;
    const reason = 'Every run of dbt keeps its artifacts in a folder of its own.';
    allowObjects(role, props.bucket, ['s3:PutObject'], artifacts, reason);
    role.addToPolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [props.alertTopic.topicArn] }));
    allowKey(role, props.operationsKey);
  }

  private arn(service: string, resource: string, resourceName: string, arnFormat?: ArnFormat): string {
    return Stack.of(this).formatArn({ service, resource, resourceName, ...(arnFormat && { arnFormat }) });
  }
}

function acknowledge(role: IRole, { environmentName, secretPrefixes }: ExecutionRoleProps): void {
  const documented = 'Documented so by MWAA, which checks the role before it creates an environment';
  acknowledgeWildcards(
    role,
    { action: 's3:GetObject*', reason: `${documented}; on the bucket of Airflow alone.` },
    { action: 's3:GetBucket*', reason: `${documented}; on the bucket of Airflow alone.` },
    { action: 's3:List*', reason: `${documented}; on the bucket of Airflow alone.` },
    { action: 'kms:GenerateDataKey*', reason: `${documented}; of the key of Airflow alone, through S3 and SQS.` },
    { resource: '.Arn>/*', reason: `${documented}; every object of this bucket is Airflow's.` },
    {
      resource: '*',
      reason:
        's3:GetAccountPublicAccessBlock, logs:DescribeLogGroups and cloudwatch:PutMetricData accept nothing narrower.',
    },
    { resource: `:airflow-${environmentName}-*`, reason: 'MWAA names the log groups of the environment.' },
    { resource: ':airflow-celery-*', reason: "The queue belongs to MWAA's account, which names it." },
    ...secretPrefixes.map((prefix) => ({
      resource: `:${prefix}/*`,
      reason: 'Connections and variables are added without a deployment.',
    })),
  );
}
