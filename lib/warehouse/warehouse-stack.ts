import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../config/resource-prefix';
import type { Settings } from '../config/schema';
import type { Configuration } from '../config/settings';
import { publicKeyBody } from '../config/warehouse-settings';
import { TABLES_PREFIX } from '../contracts/prefixes';
import type { DatabaseProperties } from '../contracts/provisioning-properties';
import { personalColumns, tables } from '../contracts/tables';
import { dbtLoginSecretName, warehouseNames } from '../contracts/warehouse-names';
import type { ProcessingStack } from '../processing/processing-stack';
import type { StorageStack } from '../storage/storage-stack';
import { DbtLogin } from './dbt-login';
import { ProvisionedResource } from './provisioned-resource';
import { ProvisioningFunction } from './provisioning-function';
import { PublishedTablesReader } from './published-tables-reader';
import { ScheduledRefresh } from './scheduled-refresh';

export interface WarehouseStackProps extends StackProps {
  readonly configuration: Configuration;
  readonly warehouse: NonNullable<Settings['warehouse']>;
  readonly storage: StorageStack;
  readonly processing: ProcessingStack;
}

/**
 * The published tables in Snowflake. Each resource names what the one before it has made known, so that CloudFormation makes them in
 * order and no two wait for each other:
 *
 * storage integration (for a role that is only a name yet) → the role, which trusts the integration → database, stage and external
 * tables → the bucket's notification to the queue they listen to → a look for files that came before it.
 */
export class WarehouseStack extends Stack {
  constructor(scope: Construct, id: string, props: WarehouseStackProps) {
    super(scope, id, props);
    const { warehouse, storage } = props;
    const { settings, destroyData } = props.configuration;
    const prefix = resourcePrefix(settings);
    const names = warehouseNames(warehouse.database);
    const bucket = storage.processedBucket;
    const location = bucket.s3UrlForObject(TABLES_PREFIX);
    // Names of roles are those of the account, not of a region: the same environment may be deployed in several.
    const roleName = `${prefix}-snowflake-reader-${this.region}`;
    const roleArn = this.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: roleName });
    const owner = { Owner: `${prefix} in AWS account ${this.account}, ${this.region}` };

    const dbtLogin = warehouse.dbtPublicKey
      ? undefined
      : new DbtLogin(this, 'DbtLogin', {
          secretName: dbtLoginSecretName(prefix),
          encryptionKey: props.processing.operationsKey,
        });
    const login = { secretName: warehouse.secretName, secretKeyArn: warehouse.secretKeyArn };
    const provisioning = new ProvisioningFunction(this, 'Provisioning', {
      prefix,
      size: settings.functions.provisionWarehouse,
      login,
      dbtLoginArn: dbtLogin?.secretArn,
      bucket,
      encryptionKey: props.processing.operationsKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    const { functionArn, answerTimeout } = provisioning;
    const shared = { functionArn, answerTimeout, revision: warehouse.revision };

    const integration = new ProvisionedResource(this, 'Integration', 'Custom::SnowflakeStorageIntegration', shared, {
      ...owner,
      Name: names.integration,
      RoleArn: roleArn,
      AllowedLocation: location,
    });
    // On the whole construct: the setting of how often Lambda repeats a call must exist too.
    integration.node.addDependency(provisioning);
    const reader = new PublishedTablesReader(this, 'Reader', {
      roleName,
      snowflakeUserArn: integration.getAttString('IamUserArn'),
      externalId: integration.getAttString('ExternalId'),
      bucket,
      dataKey: storage.dataKey,
    });
    const database = new ProvisionedResource(this, 'Database', 'Custom::SnowflakeDatabase', shared, {
      ...owner,
      Database: names.database,
      Integration: names.integration,
      Location: location,
      ListFiles: String(warehouse.listFilesOnCreate) as 'true' | 'false',
      Tables: externalTables(),
      ...(warehouse.compute && {
        Warehouse: {
          Size: warehouse.compute.size,
          AutoSuspendSeconds: String(warehouse.compute.autoSuspendSeconds),
        },
      }),
      DbtUser: {
        Keys: dbtKeys(warehouse, dbtLogin?.secretArn),
        StatementTimeoutSeconds: String(warehouse.dbtStatementTimeoutSeconds),
        ...(warehouse.dbtNetworkPolicy && { NetworkPolicy: warehouse.dbtNetworkPolicy }),
      },
      ...(warehouse.governance && { Governance: { PersonalColumns: personalColumns } }),
      DropData: destroyData ? 'true' : 'false',
    });
    // Tables are filled as they are made: by then Snowflake must be able to read the bucket.
    database.node.addDependency(reader);
    const channel = database.getAttString('NotificationChannel');
    const notification = new ProvisionedResource(this, 'Notification', 'Custom::PublishedTablesNotification', shared, {
      Bucket: bucket.bucketName,
      Prefix: TABLES_PREFIX,
      Suffix: '.parquet',
      Entry: `${prefix}-warehouse`,
      Channel: channel,
    });
    const refresh = warehouse.listFilesOnCreate
      ? new ProvisionedResource(this, 'Refresh', 'Custom::ExternalTableRefresh', shared, {
          Database: names.database,
          Tables: externalTables().map(({ Name }) => Name),
          Location: location,
          Channel: channel,
        })
      : undefined;
    refresh?.node.addDependency(notification);
    const scheduled = new ScheduledRefresh(this, 'ScheduledRefresh', {
      prefix,
      size: settings.functions.refreshExternalTables,
      login,
      database: names.database,
      encryptionKey: props.processing.operationsKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    scheduled.node.addDependency(refresh ?? notification);

    // Under the names of the attributes: what a rollback that cannot reach Snowflake answers with.
    for (const name of ['IamUserArn', 'ExternalId'])
      new CfnOutput(this, name, { value: integration.getAttString(name) });
    new CfnOutput(this, 'NotificationChannel', { value: channel });
    new CfnOutput(this, 'WarehouseDatabase', { value: names.database, description: 'Database in Snowflake' });
    new CfnOutput(this, 'WarehouseReporterRole', {
      value: names.reporter,
      description: 'Role for dashboards: reads the schema PRESENTATION',
    });
    if (warehouse.governance) {
      new CfnOutput(this, 'WarehouseDetailReaderRole', {
        value: names.detailReader,
        description: 'Role for those who must read texts: reads the schema DETAIL',
      });
    }
  }
}

/** Where the keys of dbt's user come from: the deployment, or whoever keeps them. */
function dbtKeys(
  { dbtKeyGeneration, dbtPublicKey, dbtPublicKey2 }: WarehouseStackProps['warehouse'],
  secretArn: string | undefined,
): DatabaseProperties['DbtUser']['Keys'] {
  if (secretArn) return { SecretArn: secretArn, Generation: String(dbtKeyGeneration) };
  return {
    PublicKey: publicKeyBody(dbtPublicKey ?? ''),
    ...(dbtPublicKey2 && { PublicKey2: publicKeyBody(dbtPublicKey2) }),
  };
}

/** An external table for each published table. */
function externalTables(): DatabaseProperties['Tables'] {
  return Object.values(tables).map(({ table, columns }) => ({
    Name: table.toUpperCase(),
    Folder: table,
    Columns: columns.map(({ name, type }) => ({ Name: name, Type: type })),
  }));
}
