import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  type CfnFunction,
  type ILayerVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ConnectorNetwork } from '../config/connector-settings';
import type { Settings } from '../config/schema';
import type { ConnectorContract } from '../contracts/connectors';
import { REVIEWS_PREFIX } from '../contracts/prefixes';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import {
  acknowledgeFunctionBasics,
  acknowledgeNoNetwork,
  acknowledgeSynchronousCalls,
  functionBasics,
  TRACING_REASON,
} from '../kit/function-basics';
import { allowNetwork, NETWORK_REASON } from '../kit/function-network';
import { allowKey, allowListing, allowObjects } from '../kit/grants';
import { connectorCode } from './connector-code';
import { CONNECTOR_ARCHITECTURE, CONNECTOR_RUNTIME } from './connector-libraries';

export interface ConnectorFunctionProps {
  /** First part of the names. */
  readonly prefix: string;
  readonly contract: ConnectorContract;
  readonly libraries: ILayerVersion;
  readonly rawBucket: Bucket;
  readonly ledger: Table;
  /** Key of the bucket and of the ledger. */
  readonly dataKey: IKey;
  readonly operationsKey: IKey;
  /** Where the function runs, if its source is private. @default - outside of any VPC */
  readonly network?: ConnectorNetwork | undefined;
  readonly settings: Pick<Settings, 'functions' | 'logs'>;
}

/** The function that runs one connector: it may write below the connector's own folder, and to its own items of the ledger. */
export class ConnectorFunction extends LambdaFunction {
  declare readonly role: Role;

  constructor(scope: Construct, id: string, props: ConnectorFunctionProps) {
    const { prefix, contract, rawBucket, network, settings } = props;
    const functionName = `${prefix}-connector-${contract.connector}`;
    const parts = new Construct(scope, id);
    const { logGroup, role } = functionBasics(parts, {
      functionName,
      encryptionKey: props.operationsKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    if (network) allowNetwork(role, functionName);
    const secretName = contract.authentication && `${prefix}/connectors/${contract.authentication.secret}`;

    super(parts, 'Function', {
      functionName,
      description: `Fetches new reviews: ${contract.connector}`,
      code: connectorCode(),
      handler: 'handler.handle',
      runtime: CONNECTOR_RUNTIME,
      architecture: CONNECTOR_ARCHITECTURE,
      layers: [props.libraries],
      memorySize: settings.functions.runConnector.memoryMiB,
      timeout: Duration.seconds(settings.functions.runConnector.timeoutSeconds),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      environment: {
        CONNECTOR: contract.connector,
        RAW_BUCKET: rawBucket.bucketName,
        LEDGER_TABLE: props.ledger.tableName,
        // dlt would report to its makers that it is used.
        RUNTIME__DLTHUB_TELEMETRY: 'false',
        ...(secretName && { SECRET_NAME: secretName }),
      },
    });
    if (network) {
      // The VPC of the CDK's own property would have to be known at synthesis; subnets and groups say it to Lambda.
      const { subnetIds, securityGroupIds } = network;
      (this.node.defaultChild as CfnFunction).vpcConfig = { subnetIds, securityGroupIds };
    } else {
      acknowledgeNoNetwork(this);
    }
    acknowledgeWildcards(role, { resource: '*', reason: network ? NETWORK_REASON : TRACING_REASON });
    acknowledgeFunctionBasics(this);
    const pythonReason =
      'Python 3.13 is what the wheels of the lock file are made for, and what the tests and the Glue jobs run on.';
    Validations.of(this).acknowledge(
      { id: 'AwsSolutions-L1', reason: pythonReason },
      { id: 'Serverless-LambdaLatestVersion', reason: pythonReason },
    );
    acknowledgeSynchronousCalls(this, 'the state Fetch new reviews');

    allowListing(role, rawBucket);
    const folder = `${REVIEWS_PREFIX}${contract.source}/${contract.connector}/*`;
    // Large objects are uploaded in parts, and given up if they change meanwhile.
    const copies = contract.kind === 'objects';
    const actions = ['s3:GetObject', 's3:PutObject', ...(copies ? ['s3:AbortMultipartUpload'] : [])];
    const reason = copies ? 'Copies have the names of their objects.' : 'Objects are named by their content.';
    allowObjects(role, rawBucket, actions, folder, reason);
    allowKey(role, props.dataKey);
    role.addToPolicy(
      new PolicyStatement({
        actions: copies
          ? ['dynamodb:Query', 'dynamodb:PutItem']
          : ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
        resources: [props.ledger.tableArn],
        conditions: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [`connector:${contract.connector}`] },
        },
      }),
    );
    if (secretName) {
      // Secrets Manager adds six characters to the name.
      const secret = Stack.of(this).formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: `${secretName}-??????`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
      role.addToPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret] }));
    }
  }
}
