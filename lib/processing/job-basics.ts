import { Stack } from 'aws-cdk-lib';
import { GlueVersion, type ISecurityConfiguration, type SparkJobProps } from 'aws-cdk-lib/aws-glue';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { allowLogEncryption, PipelineLogGroup } from '../kit/log-group';
import { type GluePackage, GlueScript } from './glue-package';
import type { KernelLibraries } from './kernel-libraries';

export interface JobBasicsProps {
  readonly jobName: string;
  readonly description: string;
  /** File in `glue-scripts/`. */
  readonly script: string;
  readonly package: GluePackage;
  readonly libraries: KernelLibraries;
  /** S3 location where the job may keep temporary data. */
  readonly temporaryUri: string;
  readonly securityConfiguration: ISecurityConfiguration;
  /** Key of the job's logs. */
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/** Kinds of log that a run writes, each to a group of its own, and their construct ids. */
const LOG_IDS = { error: 'Errors', output: 'Output' } as const;
const LOG_KINDS = ['error', 'output'] as const;

/** First part of the names of a job's log groups. */
export function jobLogPrefix(jobName: string): string {
  return `/aws-glue/${jobName}`;
}

/** Why a job has no log encryption of Glue's own making. */
export const JOB_LOGS_REASON =
  'The log groups are of the stack and encrypted with its key, so that they also expire and go with it.';

/**
 * What a Spark job and a streaming job on Glue 6.0 (Spark 4.1.1, Python 3.13, Java 17: "AWS Glue versions", AWS Glue Developer Guide)
 * have in common: log groups, properties, and a role that may log and read its own code, and nothing else.
 */
export function jobBasics(scope: Construct, props: JobBasicsProps) {
  const role = new Role(scope, 'Role', {
    description: `Role of the Glue job ${props.jobName}`,
    assumedBy: new ServicePrincipal('glue.amazonaws.com'),
  });
  const logPrefix = jobLogPrefix(props.jobName);
  for (const kind of LOG_KINDS) {
    new PipelineLogGroup(scope, LOG_IDS[kind], {
      logGroupName: `${logPrefix}/${kind}`,
      encryptionKey: props.encryptionKey,
      retentionDays: props.logRetentionDays,
    });
  }
  grantLogs(role, logPrefix, props.encryptionKey);
  props.libraries.allowReading(role);
  return {
    role,
    properties: {
      jobName: props.jobName,
      description: props.description,
      role,
      script: new GlueScript(scope, 'Script', props.script).code,
      extraPythonFiles: [props.package.code],
      glueVersion: GlueVersion.V6_0,
      enableMetrics: true,
      enableObservabilityMetrics: true,
      continuousLogging: { enabled: true, quiet: true },
      securityConfiguration: props.securityConfiguration,
    } satisfies SparkJobProps & { extraPythonFiles: unknown },
    arguments: {
      ...props.libraries.jobArguments,
      '--enable-auto-scaling': 'true',
      '--enable-job-insights': 'true',
      '--TempDir': props.temporaryUri,
      // Since Glue 5.0 a job writes to <prefix>/error and <prefix>/output.
      // "Logging for AWS Glue jobs", AWS Glue Developer Guide.
      '--custom-logGroup-prefix': logPrefix,
    },
  };
}

function grantLogs(role: Role, logPrefix: string, encryptionKey: IKey): void {
  const { partition, region, account } = Stack.of(role);
  role.addToPolicy(
    new PolicyStatement({
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      // The stack's own, and what is inside them: no other group can come into being.
      resources: LOG_KINDS.map((kind) => `arn:${partition}:logs:${region}:${account}:log-group:${logPrefix}/${kind}:*`),
    }),
  );
  allowLogEncryption(role, encryptionKey);
  role.addToPolicy(
    new PolicyStatement({
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': 'Glue' } },
    }),
  );
  role.addToPolicy(new PolicyStatement({ actions: ['glue:GetSecurityConfiguration'], resources: ['*'] }));
  acknowledgeWildcards(
    role,
    { resource: ':*', reason: 'The streams of one log group: Glue names one after each run and each worker.' },
    {
      resource: '*',
      reason:
        'cloudwatch:PutMetricData (in the namespace Glue only) and glue:GetSecurityConfiguration accept no resource.',
    },
  );
}
