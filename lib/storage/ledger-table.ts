import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { STATUS_INDEX } from '../contracts/status-index';
import { dataRemovalPolicy } from '../kit/removal';

export interface LedgerTableProps {
  readonly encryptionKey: IKey;
  /** Whether the table goes, with its content, when its stack does. */
  readonly destroyData: boolean;
}

/**
 * One row for each object version ever received: its state, its figures and the execution that handled it.
 *
 * Not TableV2: with a customer's key that one cannot be synthesised without naming its region.
 */
export class LedgerTable extends Table {
  constructor(scope: Construct, id: string, props: LedgerTableProps) {
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'Table', {
      partitionKey: { name: 'object', type: AttributeType.STRING },
      sortKey: { name: 'version_id', type: AttributeType.STRING },
      // Files arrive in bursts that nobody can plan for.
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.encryptionKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !props.destroyData,
      removalPolicy: dataRemovalPolicy(props.destroyData),
    });

    // The files of an execution: what record outcome and record failure work on.
    this.addGlobalSecondaryIndex({
      indexName: 'by-batch',
      partitionKey: { name: 'batch_id', type: AttributeType.STRING },
      sortKey: { name: 'file_id', type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
    // What failed, or hangs, by time: what an operator asks.
    this.addGlobalSecondaryIndex({
      indexName: STATUS_INDEX.name,
      partitionKey: { name: STATUS_INDEX.partitionKey, type: AttributeType.STRING },
      sortKey: { name: STATUS_INDEX.sortKey, type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    });
  }
}
