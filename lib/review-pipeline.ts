import { type App, PermissionsBoundary, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { ChangeCaptureStack } from './change-capture/change-capture-stack';
import { resourcePrefix } from './config/resource-prefix';
import type { Configuration } from './config/settings';
import { ConnectorsStack } from './connectors/connectors-stack';
import { connectors as contracts } from './contracts/connectors';
import { IntakeStack } from './intake/intake-stack';
import { shipLogs } from './monitoring/log-shipping';
import { MonitoringStack } from './monitoring/monitoring-stack';
import { OrchestrationStack } from './orchestration/orchestration-stack';
import { ProcessingStack } from './processing/processing-stack';
import { StorageStack } from './storage/storage-stack';
import { StreamsStack } from './streams/streams-stack';
import { WarehouseStack } from './warehouse/warehouse-stack';

/** The stacks of one environment, each built on those before it. */
export interface ReviewPipeline {
  readonly storage: StorageStack;
  readonly processing: ProcessingStack;
  readonly intake: IntakeStack;
  readonly monitoring: MonitoringStack;
  /** Only where the settings name connectors. */
  readonly connectors?: ConnectorsStack;
  /** Only where the settings name a database. */
  readonly changeCapture?: ChangeCaptureStack;
  /** Only where the settings name streams. */
  readonly streams?: StreamsStack;
  /** Only where the settings name an account of Snowflake. */
  readonly warehouse?: WarehouseStack;
  /** Only where the settings have a warehouse, and orchestration that is enabled. */
  readonly orchestration?: OrchestrationStack;
}

/** Adds the stacks of one environment to the application, and the rules that every one of them must pass at synthesis. */
export function addReviewPipeline(app: App, configuration: Configuration): ReviewPipeline {
  const { settings, destroyData } = configuration;
  const prefix = resourcePrefix(settings);
  const { permissionsBoundary, bootstrapQualifier: qualifier } = settings.deployment;
  if (qualifier) app.node.setContext('@aws-cdk/core:bootstrapQualifier', qualifier);
  const shared = {
    configuration,
    ...(permissionsBoundary && { permissionsBoundary: PermissionsBoundary.fromName(permissionsBoundary) }),
    ...((settings.account || settings.region) && {
      env: {
        ...(settings.account && { account: settings.account }),
        ...(settings.region && { region: settings.region }),
      },
    }),
  };

  // Without them every file that arrives is lost or stays where it is: their deletion takes a decision of its own.
  const terminationProtection = settings.data.terminationProtection && !destroyData;
  const storage = new StorageStack(app, `${prefix}-storage`, {
    ...shared,
    terminationProtection,
    description: 'Review pipeline: raw and processed bucket, ledger',
  });
  const processing = new ProcessingStack(app, `${prefix}-processing`, {
    ...shared,
    terminationProtection,
    storage,
    description: 'Review pipeline: state machine, functions, jobs, alerts',
  });
  const intake = new IntakeStack(app, `${prefix}-intake`, {
    ...shared,
    storage,
    processing,
    description: 'Review pipeline: from a received file to an execution',
  });
  const connectors = settings.connectors.length > 0 && {
    connectors: new ConnectorsStack(app, `${prefix}-connectors`, {
      ...shared,
      contracts: settings.connectors.flatMap((name) => contracts.get(name) ?? []),
      storage,
      processing,
      description: 'Review pipeline: fetches reviews from services on a schedule',
    }),
  };
  const changeCapture = settings.changeCapture && {
    changeCapture: new ChangeCaptureStack(app, `${prefix}-change-capture`, {
      ...shared,
      changeCapture: settings.changeCapture,
      storage,
      processing,
      description: 'Review pipeline: follows the changes of a database',
    }),
  };
  const streams = settings.streams.length > 0 && {
    streams: new StreamsStack(app, `${prefix}-streams`, {
      ...shared,
      storage,
      processing,
      description: 'Review pipeline: reads topics of Kafka all the time',
    }),
  };
  const warehouse = settings.warehouse && {
    warehouse: new WarehouseStack(app, `${prefix}-warehouse`, {
      ...shared,
      warehouse: settings.warehouse,
      storage,
      processing,
      description: 'Review pipeline: the published tables in Snowflake',
    }),
  };
  const orchestration = settings.warehouse &&
    settings.orchestration?.enabled && {
      orchestration: new OrchestrationStack(app, `${prefix}-orchestration`, {
        ...shared,
        orchestration: settings.orchestration,
        warehouse: settings.warehouse,
        processing,
        description: 'Review pipeline: Airflow, which runs dbt',
      }),
    };
  const monitoring = new MonitoringStack(app, `${prefix}-monitoring`, {
    ...shared,
    processing,
    intake,
    ...connectors,
    ...changeCapture,
    ...orchestration,
    description: 'Review pipeline: alarms and dashboard',
  });

  if (settings.logs.shipTo) shipLogs(app, settings.logs.shipTo);
  for (const [name, value] of Object.entries(settings.tags)) Tags.of(app).add(name, value);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return {
    storage,
    processing,
    intake,
    monitoring,
    ...connectors,
    ...changeCapture,
    ...streams,
    ...warehouse,
    ...orchestration,
  };
}
