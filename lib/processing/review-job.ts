import { Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  type CfnJob,
  GlueVersion,
  type ISecurityConfiguration,
  PySparkEtlJob,
  type WorkerType,
} from 'aws-cdk-lib/aws-glue';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { allowLogEncryption, PipelineLogGroup } from '../kit/log-group';
import { type GluePackage, GlueScript } from './glue-package';
import type { KernelLibraries } from './kernel-libraries';

export interface ReviewJobProps {
  readonly jobName: string;
  readonly description: string;
  /** File in `glue-scripts/`. */
  readonly script: string;
  readonly package: GluePackage;
  readonly libraries: KernelLibraries;
  readonly size: Settings['glue'];
  /** S3 location where the job may keep temporary data. */
  readonly temporaryUri: string;
  readonly securityConfiguration: ISecurityConfiguration;
  /** Key of the job's logs. */
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

const BYTES_OF_MEBIBYTE = 1024 ** 2;

/** Kinds of log that a run writes, each to a group of its own, and their construct ids. */
const LOG_IDS = { error: 'Errors', output: 'Output' } as const;
const LOG_KINDS = ['error', 'output'] as const;

/** First part of the names of a job's log groups. */
export function jobLogPrefix(jobName: string): string {
  return `/aws-glue/${jobName}`;
}

/**
 * A Spark job on Glue 6.0 (Spark 4.1.1, Python 3.13, Java 17: "AWS Glue versions", AWS Glue Developer Guide), with a role that may log and read
 * its own code, and nothing else.
 */
export class ReviewJob extends Construct {
  readonly job: PySparkEtlJob;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ReviewJobProps) {
    super(scope, id);
    this.role = new Role(this, 'Role', {
      description: `Role of the Glue job ${props.jobName}`,
      assumedBy: new ServicePrincipal('glue.amazonaws.com'),
    });

    const logPrefix = jobLogPrefix(props.jobName);
    for (const kind of LOG_KINDS) {
      new PipelineLogGroup(this, LOG_IDS[kind], {
        logGroupName: `${logPrefix}/${kind}`,
        encryptionKey: props.encryptionKey,
        retentionDays: props.logRetentionDays,
      });
    }
    this.grantLogs(logPrefix, props.encryptionKey);
    props.libraries.allowReading(this.role);

    this.job = new PySparkEtlJob(this, 'Job', {
      jobName: props.jobName,
      description: props.description,
      role: this.role,
      script: new GlueScript(this, 'Script', props.script).code,
      extraPythonFiles: [props.package.code],
      glueVersion: GlueVersion.V6_0,
      workerConfiguration: {
        workerType: props.size.workerType as WorkerType,
        numberOfWorkers: props.size.maximumWorkers,
      },
      timeout: Duration.minutes(props.size.timeoutMinutes),
      maxConcurrentRuns: props.size.maximumConcurrentRuns,
      jobRunQueuingEnabled: true,
      // The state machine decides what to retry. A job that retries itself would hide its failure from it.
      maxRetries: 0,
      enableMetrics: true,
      enableObservabilityMetrics: true,
      continuousLogging: { enabled: true, quiet: true },
      securityConfiguration: props.securityConfiguration,
      defaultArguments: {
        ...props.libraries.jobArguments,
        '--small-batch-bytes': String(props.size.smallBatchMebibytes * BYTES_OF_MEBIBYTE),
        '--enable-auto-scaling': 'true',
        '--enable-job-insights': 'true',
        '--TempDir': props.temporaryUri,
        // Since Glue 5.0 a job writes to <prefix>/error and <prefix>/output.
        // "Logging for AWS Glue jobs", AWS Glue Developer Guide.
        '--custom-logGroup-prefix': logPrefix,
      },
    });
    // A property of the job, not another kind of job: switching it makes no new one.
    (this.job.node.defaultChild as CfnJob).executionClass = props.size.executionClass;
    Validations.of(this.job).acknowledge({
      id: 'AwsSolutions-GL1',
      reason: 'The log groups are of the stack and encrypted with its key, so that they also expire and go with it.',
    });
  }

  private grantLogs(logPrefix: string, encryptionKey: IKey): void {
    const { partition, region, account } = Stack.of(this);
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        // The stack's own, and what is inside them: no other group can come into being.
        resources: LOG_KINDS.map(
          (kind) => `arn:${partition}:logs:${region}:${account}:log-group:${logPrefix}/${kind}:*`,
        ),
      }),
    );
    allowLogEncryption(this.role, encryptionKey);
    this.role.addToPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': 'Glue' } },
      }),
    );
    this.role.addToPolicy(new PolicyStatement({ actions: ['glue:GetSecurityConfiguration'], resources: ['*'] }));
    acknowledgeWildcards(
      this.role,
      { resource: ':*', reason: 'The streams of one log group: Glue names one after each run and each worker.' },
      {
        resource: '*',
        reason:
          'cloudwatch:PutMetricData (in the namespace Glue only) and glue:GetSecurityConfiguration accept no resource.',
      },
    );
  }
}
