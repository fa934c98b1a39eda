import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { dataRemovalPolicy } from '../config/removal';

export interface LedgerTableProps {
  readonly encryptionKey: IKey;
  /** Whether the table goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/** One row for each object version ever received: its state, its figures and the execution that handled it. */
export class LedgerTable extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, props: LedgerTableProps) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'object', type: AttributeType.STRING },
      sortKey: { name: 'version_id', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        {
          // The files of an execution: what record outcome and record failure work on.
          indexName: 'by-batch',
          partitionKey: { name: 'batch_id', type: AttributeType.STRING },
          sortKey: { name: 'file_id', type: AttributeType.STRING },
          projectionType: ProjectionType.ALL,
        },
        {
          // What failed, or hangs, newest first: what an operator asks.
          indexName: 'by-status',
          partitionKey: { name: 'status', type: AttributeType.STRING },
          sortKey: { name: 'updated_at', type: AttributeType.STRING },
          projectionType: ProjectionType.ALL,
        },
      ],
      // Files arrive in bursts that nobody can plan for.
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.customerManagedKey(props.encryptionKey),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !props.destroyData,
      removalPolicy: dataRemovalPolicy(props.destroyData),
    });
  }
}
