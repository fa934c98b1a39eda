import { Architecture, Code, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { zipOfConnectorLibraries } from './connector-wheels';

/** What a connector's function runs on. Its wheels are made for this runtime and processor. */
export const CONNECTOR_RUNTIME = Runtime.PYTHON_3_13;
export const CONNECTOR_ARCHITECTURE = Architecture.ARM_64;

/** dlt, drivers and clients of the lock file, as a layer that all connectors share. */
export class ConnectorLibraries extends LayerVersion {
  constructor(scope: Construct, id: string, layerVersionName: string) {
    super(scope, id, {
      layerVersionName,
      description: 'What the connectors run on, as locked: dlt, drivers of databases, clients of object stores, boto3',
      code: Code.fromAsset(zipOfConnectorLibraries()),
      compatibleRuntimes: [CONNECTOR_RUNTIME],
      compatibleArchitectures: [CONNECTOR_ARCHITECTURE],
    });
  }
}
