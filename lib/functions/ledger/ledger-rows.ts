import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { FileStatus } from '../../contracts/outcomes';
import { STATUS_INDEX, statusShards } from '../../contracts/status-index';
import { clientDefaults } from '../runtime/aws';
import { type LedgerEntry, ledgerEntrySchema, primaryKey } from './entry';
import type { ObjectVersion } from './identity';
import { type Change, updateExpression } from './update-expression';

/** When an update may happen: a condition expression and the placeholders that the change itself does not bring. */
export interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values: Record<string, unknown>;
}

const ownDocuments = DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults));

/** The rows of the ledger's DynamoDB table, in and out, checked; what the states mean is the ledger's business. */
export class LedgerRows {
  /** @param documents client of DynamoDB; by default that of the function itself */
  constructor(
    private readonly tableName: string,
    private readonly documents: DynamoDBDocumentClient = ownDocuments,
  ) {}

  /** Changes the row of an object version if the condition holds; returns the new row, undefined if it does not hold. */
  async update(version: ObjectVersion, change: Change, condition: Condition): Promise<LedgerEntry | undefined> {
    const expression = updateExpression(change);
    try {
      const answer = await this.documents.send(
        new UpdateCommand({
          TableName: this.tableName,
          Key: primaryKey(version),
          UpdateExpression: expression.UpdateExpression,
          ConditionExpression: condition.expression,
          ExpressionAttributeNames: { ...expression.ExpressionAttributeNames, ...condition.names },
          ExpressionAttributeValues: { ...expression.ExpressionAttributeValues, ...condition.values },
          ReturnValues: 'ALL_NEW',
        }),
      );
      return ledgerEntrySchema.parse(answer.Attributes);
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return undefined;
      }
      throw error;
    }
  }

  /** Rows that a query finds, all pages of them. */
  async query(query: Omit<QueryCommandInput, 'TableName'>): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    for await (const page of paginateQuery({ client: this.documents }, { TableName: this.tableName, ...query })) {
      entries.push(...(page.Items ?? []).map((item) => ledgerEntrySchema.parse(item)));
    }
    return entries;
  }

  /** Rows that are in a state and entered it since a time (`>=`) or before it (`<`), as the index has them; in no order. */
  async inStatus(status: FileStatus, comparison: '>=' | '<', time: Date): Promise<LedgerEntry[]> {
    const found = await Promise.all(
      statusShards(status).map((shard) =>
        this.query({
          IndexName: STATUS_INDEX.name,
          KeyConditionExpression: `#shard = :shard AND #entered ${comparison} :time`,
          ExpressionAttributeNames: { '#shard': STATUS_INDEX.partitionKey, '#entered': STATUS_INDEX.sortKey },
          ExpressionAttributeValues: { ':shard': shard, ':time': time.toISOString() },
        }),
      ),
    );
    return found.flat();
  }

  /** Row of an object version as it is now (consistent read); undefined where there is none. */
  async read(version: ObjectVersion): Promise<LedgerEntry | undefined> {
    const { Item } = await this.documents.send(
      new GetCommand({ TableName: this.tableName, Key: primaryKey(version), ConsistentRead: true }),
    );
    return Item && ledgerEntrySchema.parse(Item);
  }
}
