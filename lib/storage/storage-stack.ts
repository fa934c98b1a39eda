import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../config/resource-prefix';
import type { Configuration } from '../config/settings';
import { AccessLogBucket } from '../kit/access-log-bucket';
import { acknowledgeObjectDeletion } from '../kit/acknowledge-object-deletion';
import { dataRemovalPolicy } from '../kit/removal';
import { DataEventsTrail } from './data-events-trail';
import { LedgerTable } from './ledger-table';
import { ProcessedBucket } from './processed-bucket';
import { PublishedTablesCatalog } from './published-tables-catalog';
import { RawBucket } from './raw-bucket';
import { allowProducers } from './raw-producers';
import { RawReplica } from './raw-replica';

export interface StorageStackProps extends StackProps {
  readonly configuration: Configuration;
}

/** Everything that holds data: the raw and the processed bucket, their access logs, the ledger, and the key they share. */
export class StorageStack extends Stack {
  readonly dataKey: Key;
  readonly rawBucket: RawBucket;
  readonly processedBucket: ProcessedBucket;
  readonly ledger: LedgerTable;

  constructor(scope: Construct, id: string, props: StorageStackProps) {
    super(scope, id, props);
    const { settings, destroyData } = props.configuration;

    this.dataKey = new Key(this, 'DataKey', {
      alias: `${this.stackName}-data`,
      description: 'Encrypts received files, published tables and the ledger',
      enableKeyRotation: true,
      removalPolicy: dataRemovalPolicy(destroyData),
    });
    const accessLogs = new AccessLogBucket(this, 'AccessLogs', {
      expiryDays: settings.data.accessLogDays,
      destroyData,
    });
    const shared = { encryptionKey: this.dataKey, accessLogs, destroyData };
    this.rawBucket = new RawBucket(this, 'Raw', {
      ...shared,
      oldVersionDays: settings.data.oldVersionDays,
      deadLetterDays: settings.data.deadLetterDays,
      objectLock: settings.data.objectLock,
    });
    this.processedBucket = new ProcessedBucket(this, 'Processed', {
      ...shared,
      workExpiryDays: settings.data.workExpiryDays,
    });
    this.ledger = new LedgerTable(this, 'Ledger', { encryptionKey: this.dataKey, destroyData });

    allowProducers(this.rawBucket, this.dataKey, settings.data.producers);
    if (settings.data.replica) {
      const { replica, objectLock } = settings.data;
      const locked = objectLock !== undefined;
      new RawReplica(this, 'Replica', { bucket: this.rawBucket, encryptionKey: this.dataKey, replica, locked });
    }
    if (settings.data.dataEvents) {
      new DataEventsTrail(this, 'DataEvents', {
        trailName: `${resourcePrefix(settings)}-data-events`,
        rawBucket: this.rawBucket,
        processedBucket: this.processedBucket,
        encryptionKey: this.dataKey,
        accessLogs,
        expiryDays: settings.data.accessLogDays,
        destroyData,
      });
    }
    if (settings.data.catalog) {
      new PublishedTablesCatalog(this, 'Catalog', {
        // Athena takes no hyphen in a name without quotes.
        databaseName: resourcePrefix(settings).replaceAll('-', '_'),
        bucket: this.processedBucket,
      });
    }

    new CfnOutput(this, 'RawBucketName', {
      value: this.rawBucket.bucketName,
      description: 'Drop files here, under reviews/',
    });
    new CfnOutput(this, 'ProcessedBucketName', {
      value: this.processedBucket.bucketName,
      description: 'Published tables, under tables/',
    });
    new CfnOutput(this, 'LedgerTableName', {
      value: this.ledger.tableName,
      description: 'State of every file received',
    });

    if (destroyData) acknowledgeObjectDeletion(this);
  }
}
