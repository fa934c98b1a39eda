import { Stack } from 'aws-cdk-lib';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { TABLES_PREFIX } from '../contracts/prefixes';
import { type Column, type TableContract, tables } from '../contracts/tables';

export interface PublishedTablesCatalogProps {
  readonly databaseName: string;
  readonly bucket: Pick<IBucket, 's3UrlForObject'>;
}

/** No file can be older: the pipeline did not exist. */
const FIRST_INGEST_DATE = '2025-01-01';

/** Types of Hive; those that are not here have the same name in a contract. */
const HIVE_TYPES: Readonly<Record<string, string>> = { integer: 'int', long: 'bigint' };

/**
 * The published tables in the Glue Data Catalog: whoever reads it (Athena, Redshift Spectrum, Databricks) reads the same Parquet files.
 *
 * Partitions are projected: neither a crawler nor the registration of a batch is needed. Only by date, because the names of batches
 * are not known in advance; a reader finds them as folders below the date. "Use partition projection with Amazon Athena", Amazon Athena User Guide.
 */
export class PublishedTablesCatalog extends Construct {
  constructor(scope: Construct, id: string, props: PublishedTablesCatalogProps) {
    super(scope, id);
    const catalogId = Stack.of(this).account;
    const database = new CfnDatabase(this, 'Database', {
      catalogId,
      databaseName: props.databaseName,
      databaseInput: { name: props.databaseName, description: 'Published tables of the review pipeline' },
    });
    for (const contract of Object.values(tables)) {
      const location = props.bucket.s3UrlForObject(`${TABLES_PREFIX}${contract.table}/`);
      const table = new CfnTable(this, contract.table, {
        catalogId,
        databaseName: props.databaseName,
        tableInput: tableInput(contract, location),
      });
      table.addResourceDependency(database);
    }
  }
}

function tableInput({ table, description, columns }: TableContract, location: string): CfnTable.TableInputProperty {
  return {
    name: table,
    description,
    tableType: 'EXTERNAL_TABLE',
    partitionKeys: [{ name: 'ingest_date', type: 'date' }],
    parameters: {
      classification: 'parquet',
      'projection.enabled': 'true',
      'projection.ingest_date.type': 'date',
      'projection.ingest_date.format': 'yyyy-MM-dd',
      'projection.ingest_date.range': `${FIRST_INGEST_DATE},NOW`,
      // Filled in by the reader, one for each date.
      'storage.location.template': `${location}ingest_date=$\{ingest_date}/`,
    },
    storageDescriptor: {
      location,
      columns: columns.map(hiveColumn),
      inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
      outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
      serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
    },
  };
}

function hiveColumn({ name, type }: Column): CfnTable.ColumnProperty {
  return { name, type: HIVE_TYPES[type] ?? type };
}
