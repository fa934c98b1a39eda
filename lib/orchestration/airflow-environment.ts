import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnEnvironment } from 'aws-cdk-lib/aws-mwaa';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { OrchestrationSettings } from '../config/orchestration-settings';
import type { Settings } from '../config/schema';
import { PipelineLogGroup } from '../kit/log-group';
import { airflowLogGroups, BUCKET_FOLDERS } from './airflow-names';
import type { AirflowNetwork } from './airflow-network';
import type { EnvironmentFile } from './environment-files';
import type { ExecutionRole } from './execution-role';

export interface AirflowEnvironmentProps {
  readonly environmentName: string;
  readonly settings: OrchestrationSettings;
  readonly logRetentionDays: Settings['logs']['retentionDays'];
  readonly bucket: Pick<IBucket, 'bucketArn'>;
  readonly encryptionKey: IKey;
  readonly executionRole: ExecutionRole;
  readonly network: AirflowNetwork;
  readonly startupScript: EnvironmentFile;
  readonly requirements: EnvironmentFile;
  /** Airflow's configuration options by `<section>.<option>`. */
  readonly configuration: Readonly<Record<string, string>>;
}

/** Airflow, run by Amazon MWAA. */
export class AirflowEnvironment extends Construct {
  readonly environment: CfnEnvironment;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AirflowEnvironmentProps,
  ) {
    super(scope, id);
    const { settings, network } = props;
    const logGroups = this.createLogGroups();
    this.environment = new CfnEnvironment(this, 'Environment', {
      name: props.environmentName,
      airflowVersion: settings.airflowVersion,
      environmentClass: settings.environmentClass,
      minWorkers: settings.minWorkers,
      maxWorkers: settings.maxWorkers,
      executionRoleArn: props.executionRole.role.roleArn,
      kmsKey: props.encryptionKey.keyArn,
      networkConfiguration: {
        subnetIds: network.subnetIds,
        securityGroupIds: [network.securityGroup.securityGroupId],
      },
      endpointManagement: 'SERVICE',
      webserverAccessMode: settings.webserverAccess === 'private' ? 'PRIVATE_ONLY' : 'PUBLIC_ONLY',
      weeklyMaintenanceWindowStart: settings.maintenanceWindow,
      // A new startup script or version waits for the tasks that run (at most 12 hours), instead of killing dbt in the middle of a build.
      workerReplacementStrategy: 'GRACEFUL',
      sourceBucketArn: props.bucket.bucketArn,
      dagS3Path: BUCKET_FOLDERS.dags,
      // By names that hold a hash of the content: what has changed is seen without naming the version of an object.
      startupScriptS3Path: pathOf(props.startupScript),
      requirementsS3Path: pathOf(props.requirements),
      airflowConfigurationOptions: props.configuration,
      loggingConfiguration: this.loggingConfiguration(),
    });
    // MWAA checks role, bucket and network first. It creates missing log groups itself, and those would keep their events forever.
    this.environment.node.addDependency(props.executionRole, network, ...logGroups);
  }

  private createLogGroups(): PipelineLogGroup[] {
    const { environmentName, encryptionKey, logRetentionDays: retentionDays } = this.props;
    return Object.entries(airflowLogGroups(environmentName)).map(
      ([id, logGroupName]) => new PipelineLogGroup(this, id, { logGroupName, encryptionKey, retentionDays }),
    );
  }

  private loggingConfiguration(): CfnEnvironment.LoggingConfigurationProperty {
    const { logLevels } = this.props.settings;
    const kept = (logLevel: string) => ({ enabled: true, logLevel });
    return {
      dagProcessingLogs: kept(logLevels.dagProcessing),
      schedulerLogs: kept(logLevels.scheduler),
      taskLogs: kept(logLevels.task),
      webserverLogs: kept(logLevels.webserver),
      workerLogs: kept(logLevels.worker),
    };
  }
}

function pathOf({ folder, fileName }: EnvironmentFile): string {
  return `${folder}/${fileName}`;
}
