import { ArnFormat, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../config/resource-prefix';
import type { Configuration } from '../config/settings';
import type { ConnectorContract } from '../contracts/connectors';
import type { ProcessingStack } from '../processing/processing-stack';
import type { StorageStack } from '../storage/storage-stack';
import { Connector, connectorStateMachineName } from './connector';
import { ConnectorLibraries } from './connector-libraries';

export interface ConnectorsStackProps extends StackProps {
  readonly configuration: Configuration;
  /** The connectors that the settings name. */
  readonly contracts: readonly ConnectorContract[];
  readonly storage: StorageStack;
  readonly processing: ProcessingStack;
}

/** Fetches reviews from services that drop no files, on a schedule for each. */
export class ConnectorsStack extends Stack {
  /** The state machine of each connector, by its name. */
  readonly stateMachines: Readonly<Record<string, StateMachine>>;

  constructor(scope: Construct, id: string, props: ConnectorsStackProps) {
    super(scope, id, props);
    const { storage, processing } = props;
    const { settings } = props.configuration;
    const prefix = resourcePrefix(settings);
    const libraries = new ConnectorLibraries(this, 'Libraries', `${prefix}-connectors`);
    this.stateMachines = Object.fromEntries(
      props.contracts.map((contract) => {
        const { stateMachine } = new Connector(this, contract.connector, {
          prefix,
          contract,
          network: settings.connectorNetworks[contract.connector],
          libraries,
          rawBucket: storage.rawBucket,
          ledger: storage.ledger,
          dataKey: storage.dataKey,
          operationsKey: processing.operationsKey,
          alertTopic: processing.alerts,
          settings,
        });
        return [contract.connector, stateMachine];
      }),
    );
    new CfnOutput(this, 'ConnectorStateMachines', {
      value: this.formatArn({
        service: 'states',
        resource: 'stateMachine',
        resourceName: connectorStateMachineName(prefix, ''),
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
      description: 'With the name of a connector behind it: ARN of the state machine that runs it',
    });
  }
}
