import { Stack, type StackProps } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { ChangeCaptureStack } from '../change-capture/change-capture-stack';
import { resourcePrefix } from '../config/resource-prefix';
import type { Configuration } from '../config/settings';
import type { ConnectorsStack } from '../connectors/connectors-stack';
import { connectors as connectorContracts, runsPerDay } from '../contracts/connectors';
import { orchestrationContract } from '../contracts/orchestration';
import { sources } from '../contracts/sources';
import type { IntakeStack } from '../intake/intake-stack';
import { airflowEnvironmentName } from '../orchestration/airflow-names';
import type { OrchestrationStack } from '../orchestration/orchestration-stack';
import type { ProcessingStack } from '../processing/processing-stack';
import { alarmDefinitions } from './alarm-definitions';
import { CostGuard } from './cost-guard';
import { PipelineAlarms } from './pipeline-alarms';
import { PipelineDashboard } from './pipeline-dashboard';
import { SavedQueries } from './saved-queries';
import type { Watched } from './watched';

export interface MonitoringStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly processing: ProcessingStack;
  readonly intake: IntakeStack;
  /** Only where the settings name connectors. */
  readonly connectors?: ConnectorsStack;
  /** Only where the settings name a database. */
  readonly changeCapture?: ChangeCaptureStack;
  /** Only where Airflow is deployed. */
  readonly orchestration?: OrchestrationStack;
}

/** Alarms on what no execution can report itself, and a dashboard of the pipeline. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, props: MonitoringStackProps) {
    super(scope, id, props);
    const { configuration, processing } = props;
    const watched = watchedIn(this, props);
    const prefix = resourcePrefix(configuration.settings);
    const { alarms } = new PipelineAlarms(this, 'Alarms', {
      prefix,
      definitions: alarmDefinitions(configuration.settings.alarms, watched),
      topic: processing.alerts,
    });
    // Dashboards have no region: one of the same name in another region would be overwritten.
    // "Using Amazon CloudWatch dashboards", Amazon CloudWatch User Guide.
    const dashboardName = `${prefix}-${this.region}`;
    new PipelineDashboard(this, 'Dashboard', { dashboardName, alarms, watched });
    new SavedQueries(this, 'Queries', { prefix, functions: watched.functions });
    const { alarms: thresholds, alertEmails, tags } = configuration.settings;
    if (thresholds.dailyCostUsd !== undefined) {
      new CostGuard(this, 'Cost', {
        name: `${prefix}-cost`,
        usdPerDay: thresholds.dailyCostUsd,
        emails: alertEmails,
        tags,
      });
    }
  }
}

function watchedIn(
  scope: Construct,
  { configuration, processing, intake, connectors, changeCapture, orchestration }: MonitoringStackProps,
): Watched {
  const { batching } = intake;
  const { compaction, ledgerWatch } = processing;
  const publishedEvents = orchestration?.publishedEvents;
  const prefix = resourcePrefix(configuration.settings);
  return {
    service: prefix,
    workerType: configuration.settings.glue.workerType,
    sources: [...sources.values()],
    streams: configuration.settings.streams.map(({ name }) => name),
    stateMachine: processing.reviews.stateMachine,
    ruleName: intake.ruleName,
    functions: {
      'register-files': processing.functions.registerFiles,
      'record-outcome': processing.functions.recordOutcome,
      'record-failure': processing.functions.recordFailure,
      // By its name: a reference would forbid to delete the warehouse before the alarms.
      ...(configuration.settings.warehouse && {
        'refresh-external-tables': LambdaFunction.fromFunctionName(
          scope,
          'RefreshExternalTables',
          `${prefix}-refresh-external-tables`,
        ),
      }),
      ...(ledgerWatch && { 'watch-ledger': ledgerWatch.watch }),
      ...(batching && { 'start-batch': batching.startBatch }),
      ...(publishedEvents && { 'notify-airflow': publishedEvents.notifyAirflow }),
    },
    deadLetters: {
      intake: intake.deadLetters,
      processing: processing.deadLetters,
      ...(publishedEvents && { orchestration: publishedEvents.deadLetters }),
    },
    ...(batching && { receivedFiles: batching.queue }),
    ...(compaction && { compaction: compaction.stateMachine }),
    ...(ledgerWatch && { lingeringFiles: ledgerWatch.lingeringFiles }),
    connectors: Object.fromEntries(
      Object.entries(connectors?.stateMachines ?? {}).flatMap(([name, stateMachine]) => {
        const contract = connectorContracts.get(name);
        return contract ? [[name, { stateMachine, runsPerDay: runsPerDay(contract) }]] : [];
      }),
    ),
    ...(changeCapture && {
      changeCapture: {
        replicationName: changeCapture.replicationName,
        keeper: changeCapture.keeper,
        rdsInstance: configuration.settings.changeCapture?.rdsInstance,
      },
    }),
    ...(publishedEvents && {
      announcements: publishedEvents.queue,
      dbt: { environmentName: airflowEnvironmentName(prefix), dagId: orchestrationContract.dagId },
    }),
  };
}
