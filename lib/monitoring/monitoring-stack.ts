import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../config/resource-prefix';
import type { Configuration } from '../config/settings';
import type { IntakeStack } from '../intake/intake-stack';
import type { OrchestrationStack } from '../orchestration/orchestration-stack';
import type { ProcessingStack } from '../processing/processing-stack';
import type { WarehouseStack } from '../warehouse/warehouse-stack';
import { alarmDefinitions } from './alarm-definitions';
import { PipelineAlarms } from './pipeline-alarms';
import { PipelineDashboard } from './pipeline-dashboard';

export interface MonitoringStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly processing: ProcessingStack;
  readonly intake: IntakeStack;
  /** Only where Airflow is deployed. */
  readonly orchestration?: OrchestrationStack;
  /** Only where Snowflake is deployed. */
  readonly warehouse?: WarehouseStack;
}

/** Alarms on what no execution can report itself, and a dashboard of the pipeline. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id, props);
    const { configuration, processing, intake } = props;
    const publishedEvents = props.orchestration?.publishedEvents;
    const prefix = resourcePrefix(configuration.settings);
    const { alarms } = new PipelineAlarms(this, 'Alarms', {
      prefix,
      definitions: alarmDefinitions(configuration.settings.alarms, {
        processing,
        intake,
        publishedEvents,
        refreshExternalTables: props.warehouse?.refreshExternalTables,
      }),
      topic: processing.alerts,
    });
    // Dashboards have no region: one of the same name in another region would be overwritten.
    // "Using Amazon CloudWatch dashboards", Amazon CloudWatch User Guide.
    const dashboardName = `${prefix}-${this.region}`;
    new PipelineDashboard(this, 'Dashboard', { dashboardName, alarms, processing, intake, publishedEvents });
  }
}
