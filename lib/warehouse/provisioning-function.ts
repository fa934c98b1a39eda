import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeCheckov } from '../kit/acknowledge-checkov';
import { allowKey } from '../kit/grants';
import { PipelineFunction } from '../kit/pipeline-function';

/** How long CloudFormation waits after the function's own timeout before it considers the function failed (seconds). */
const GRACE_SECONDS = 60;

export interface ProvisioningFunctionProps {
  /** First part of the function's name. */
  readonly prefix: string;
  /** Memory (MiB) and longest run (seconds). */
  readonly size: Settings['functions']['provisionWarehouse'];
  /** Secret with the login to Snowflake. */
  readonly secretName: string;
  /** ARN of the secret's key, where it is not AWS's own. */
  readonly secretKeyArn: string | undefined;
  /** ARN of the secret that dbt's login is put into, if its key pair is made here. */
  readonly dbtLoginArn: string | undefined;
  /** Bucket whose notifications it sets. */
  readonly bucket: Pick<IBucket, 'bucketArn'>;
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/**
 * The function that answers CloudFormation's requests for the resources of the warehouse.
 *
 * It answers itself, without the CDK's provider framework between: that one keeps from the function the deletion that follows a failed
 * creation, so that what was half made would stay, and adds a second function which may invoke any version of this one.
 */
export class ProvisioningFunction extends Construct {
  /** To be the service token of the resources. */
  readonly functionArn: string;
  /** Longest wait for an answer: if the function dies, the deployment fails by then, not after CloudFormation's hour. */
  readonly answerTimeout: Duration;

  constructor(scope: Construct, id: string, props: ProvisioningFunctionProps) {
    super(scope, id);
    const provision = new PipelineFunction(this, 'Provision', {
      prefix: props.prefix,
      name: 'provision-warehouse',
      description: 'Makes, changes and drops what the warehouse needs in Snowflake, and the bucket notification to it',
      size: props.size,
      environment: {
        SNOWFLAKE_SECRET: props.secretName,
        // Otherwise the driver asks the metadata services of three clouds where it runs, and tells Snowflake.
        SNOWFLAKE_DISABLE_PLATFORM_DETECTION: 'true',
        // By default below the home directory, which in Lambda cannot be written to.
        SF_OCSP_RESPONSE_CACHE_DIR: '/tmp',
      },
      encryptionKey: props.encryptionKey,
      logRetentionDays: props.logRetentionDays,
    });
    // CloudFormation calls asynchronously and has given up on a call by the time that Lambda would repeat it.
    provision.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.seconds(GRACE_SECONDS) });
    const reason = 'CloudFormation waits for the answer, and takes the lack of one for a failure of the deployment.';
    Validations.of(provision).acknowledge(
      { id: 'Serverless-LambdaDLQ', reason },
      { id: 'Serverless-LambdaAsyncFailureDestination', reason },
    );
    acknowledgeCheckov(provision, { id: 'CKV_AWS_116', reason });
    this.functionArn = provision.functionArn;
    this.answerTimeout = Duration.seconds(props.size.timeoutSeconds + GRACE_SECONDS);

    // Secrets Manager adds six characters to the name.
    const secret = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${props.secretName}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    provision.role.addToPolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret] }),
    );
    if (props.secretKeyArn) {
      provision.role.addToPolicy(new PolicyStatement({ actions: ['kms:Decrypt'], resources: [props.secretKeyArn] }));
    }
    if (props.dbtLoginArn) {
      provision.role.addToPolicy(
        new PolicyStatement({
          actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
          resources: [props.dbtLoginArn],
        }),
      );
      allowKey(provision.role, props.encryptionKey);
    }
    provision.role.addToPolicy(
      new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Stack.of(this).stackId] }),
    );
    provision.role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetBucketNotification', 's3:PutBucketNotification'],
        resources: [props.bucket.bucketArn],
      }),
    );
  }
}
