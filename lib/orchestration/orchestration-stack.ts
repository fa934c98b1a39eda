import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { OrchestrationSettings } from '../config/orchestration-settings';
import { resourcePrefix } from '../config/resource-prefix';
import type { Settings } from '../config/schema';
import type { Configuration } from '../config/settings';
import { dbtLoginSecretName, warehouseNames } from '../contracts/warehouse-names';
import { AccessLogBucket } from '../kit/access-log-bucket';
import { acknowledgeObjectDeletion } from '../kit/acknowledge-object-deletion';
import { dataRemovalPolicy } from '../kit/removal';
import type { ProcessingStack } from '../processing/processing-stack';
import { AirflowBucket } from './airflow-bucket';
import { airflowConfiguration } from './airflow-configuration';
import { AirflowEnvironment } from './airflow-environment';
import { airflowEnvironmentName, airflowLogGroups, airflowSecretPrefixes, BUCKET_FOLDERS } from './airflow-names';
import { AirflowNetwork } from './airflow-network';
import { Delivery } from './delivery';
import { requirements, startupScript } from './environment-files';
import { EnvironmentKey } from './environment-key';
import { ExecutionRole } from './execution-role';
import { PublishedEvents } from './published-events';

export interface OrchestrationStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly orchestration: OrchestrationSettings;
  readonly warehouse: NonNullable<Settings['warehouse']>;
  readonly processing: ProcessingStack;
}

/** Airflow, which runs dbt on schedule and when reviews were published, and the event path that tells it so. */
export class OrchestrationStack extends Stack {
  readonly publishedEvents: PublishedEvents;
  private readonly namedZones: string[] | undefined;

  constructor(scope: Construct, id: string, props: OrchestrationStackProps) {
    super(scope, id, props);
    const { orchestration, warehouse, processing } = props;
    const { settings, destroyData } = props.configuration;
    this.namedZones = orchestration.network.mode === 'new' ? orchestration.network.availabilityZones : undefined;
    const prefix = resourcePrefix(settings);
    const environmentName = airflowEnvironmentName(prefix);
    const flowLogGroupName = `/aws/vpc/${environmentName}`;
    const logRetentionDays = settings.logs.retentionDays;
    const privateWebserver = orchestration.webserverAccess === 'private';

    const key = new EnvironmentKey(this, 'EnvironmentKey', {
      alias: environmentName,
      logGroups: [...Object.values(airflowLogGroups(environmentName)), flowLogGroupName],
      removalPolicy: dataRemovalPolicy(destroyData),
    });
    const accessLogs = new AccessLogBucket(this, 'AccessLogs', {
      expiryDays: settings.data.accessLogDays,
      destroyData,
    });
    const bucket = new AirflowBucket(this, 'Airflow', {
      encryptionKey: key,
      accessLogs,
      artifactDays: orchestration.artifactDays,
      destroyData,
    });
    const files = {
      startupScript: startupScript(orchestration.packageIndexUrl),
      requirements: requirements(orchestration.packageIndexUrl),
    };
    const delivery = new Delivery(this, 'Delivery', {
      bucket,
      files: Object.values(files),
      logGroupName: `/aws/lambda/${prefix}-deliver-dags`,
      logEncryptionKey: processing.operationsKey,
      logRetentionDays,
    });
    const network = new AirflowNetwork(this, 'Network', {
      network: orchestration.network,
      privateWebserver,
      flowLogGroupName,
      encryptionKey: key,
      logRetentionDays,
    });
    const dbtSecretName = orchestration.dbtSecretName ?? dbtLoginSecretName(prefix);
    const executionRole = new ExecutionRole(this, 'Execution', {
      environmentName,
      bucket,
      environmentKey: key,
      alertTopic: processing.alerts,
      operationsKey: processing.operationsKey,
      dbtSecretName,
      dbtSecretKeyArn: orchestration.dbtSecretKeyArn,
      secretPrefixes: Object.values(airflowSecretPrefixes(prefix)),
    });
    const names = warehouseNames(warehouse.database);
    const { environment } = new AirflowEnvironment(this, 'Environment', {
      environmentName,
      settings: orchestration,
      logRetentionDays,
      bucket,
      encryptionKey: key,
      executionRole,
      network,
      ...files,
      configuration: airflowConfiguration(prefix, {
        alertTopicArn: processing.alerts.topicArn,
        artifactsUri: bucket.s3UrlForObject(BUCKET_FOLDERS.artifacts),
        dbtSchedule: orchestration.dbtSchedule,
        snowflakeSecret: dbtSecretName,
        snowflakeRole: names.transformer,
        snowflakeWarehouse: orchestration.dbtWarehouse ?? names.warehouse,
        snowflakeDatabase: names.database,
        snowflakeGovernance: warehouse.governance,
      }),
    });
    // The files that it names must be there before it.
    environment.node.addDependency(delivery);

    this.publishedEvents = new PublishedEvents(this, 'PublishedEvents', {
      prefix,
      stateMachineName: processing.stateMachineName,
      environmentName,
      encryptionKey: processing.operationsKey,
      events: orchestration.events,
      network: privateWebserver ? network.functionNetwork('Tells Airflow that reviews were published') : undefined,
      settings,
    });

    new CfnOutput(this, 'AirflowEnvironmentName', { value: environmentName });
    new CfnOutput(this, 'AirflowWebserverUrl', { value: `https://${environment.attrWebserverUrl}` });
    new CfnOutput(this, 'AirflowBucketName', {
      value: bucket.bucketName,
      description: "DAGs, dbt's project and the artifacts of its runs",
    });
    new CfnOutput(this, 'PublishedQueueUrl', {
      value: this.publishedEvents.queue.queueUrl,
      description: 'Announcements that wait for Airflow',
    });
    new CfnOutput(this, 'OrchestrationDeadLetterQueueUrl', {
      value: this.publishedEvents.deadLetters.queueUrl,
      description: 'Announcements that never reached Airflow',
    });

    if (destroyData) acknowledgeObjectDeletion(this);
  }

  /** Those of the settings: synthesis must not ask AWS for the zones of a region. */
  override get availabilityZones(): string[] {
    return this.namedZones ?? super.availabilityZones;
  }
}
