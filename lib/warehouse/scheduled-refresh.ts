import { Duration, Validations } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { acknowledgeCheckov } from '../kit/acknowledge-checkov';
import { PipelineFunction } from '../kit/pipeline-function';
import { allowSnowflakeLogin, type SnowflakeLogin, snowflakeEnvironment } from './snowflake-login';

/** How often the owner looks for files that no notification announced. */
const EVERY = Duration.hours(1);

export interface ScheduledRefreshProps {
  /** First part of the names. */
  readonly prefix: string;
  /** Memory (MiB) and longest run (seconds). */
  readonly size: Settings['functions']['refreshExternalTables'];
  readonly login: SnowflakeLogin;
  /** Database in Snowflake. */
  readonly database: string;
  readonly encryptionKey: IKey;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
}

/**
 * Has the owner of the external tables look for files of the last days every hour. Notifications may be lost, and a table that misses a
 * file misses it until somebody refreshes it ("Introduction to external tables", Snowflake user guide).
 */
export class ScheduledRefresh extends Construct {
  constructor(scope: Construct, id: string, props: ScheduledRefreshProps) {
    super(scope, id);
    const refresh = new PipelineFunction(this, 'Refresh', {
      prefix: props.prefix,
      name: 'refresh-external-tables',
      description: 'Looks for published files that no notification announced to Snowflake, and whether tables listen',
      size: props.size,
      environment: { ...snowflakeEnvironment(props.login), WAREHOUSE_DATABASE: props.database },
      encryptionKey: props.encryptionKey,
      logRetentionDays: props.logRetentionDays,
    });
    allowSnowflakeLogin(refresh, props.login);
    refresh.configureAsyncInvoke({ retryAttempts: 1, maxEventAge: EVERY });
    const reason = 'The next hour does all that a lost call would have done, and an alarm counts calls that fail.';
    Validations.of(refresh).acknowledge(
      { id: 'Serverless-LambdaDLQ', reason },
      { id: 'Serverless-LambdaAsyncFailureDestination', reason },
    );
    acknowledgeCheckov(refresh, { id: 'CKV_AWS_116', reason });
    const rule = new Rule(this, 'Rule', {
      ruleName: `${props.prefix}-refresh-external-tables`,
      description: 'Looks every hour for published files that Snowflake has not noticed',
      schedule: Schedule.rate(EVERY),
      targets: [new LambdaFunction(refresh, { retryAttempts: 1, maxEventAge: EVERY })],
    });
    Validations.of(rule).acknowledge({ id: 'Serverless-EventBusDLQ', reason });
  }
}
