import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DynamoDBDocumentClient,
  paginateQuery,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { clientDefaults } from '../runtime/aws';
import { TransientServiceError } from '../runtime/errors';
import { type LedgerEntry, ledgerEntrySchema, primaryKey } from './entry';
import type { ObjectVersion } from './identity';
import { type Change, updateExpression } from './update-expression';

// BatchGetItem takes at most 100 keys (Amazon DynamoDB API Reference).
const KEYS_PER_BATCH_GET = 100;
const BATCH_GET_ATTEMPTS = 5;

/** When an update may happen: a condition expression and the placeholders that the change itself does not bring. */
export interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values: Record<string, unknown>;
}

const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults));

/** The ledger's DynamoDB table: rows in and out, checked; what the states mean is the ledger's business. */
export class LedgerTable {
  constructor(private readonly tableName: string) {}

  /** Changes the row of an object version if the condition holds; returns the new row, undefined if it does not hold. */
  async update(version: ObjectVersion, change: Change, condition: Condition): Promise<LedgerEntry | undefined> {
    const expression = updateExpression(change);
    try {
      const answer = await documents.send(
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
    for await (const page of paginateQuery({ client: documents }, { TableName: this.tableName, ...query })) {
      entries.push(...(page.Items ?? []).map((item) => ledgerEntrySchema.parse(item)));
    }
    return entries;
  }

  /** Rows of object versions as they are now (consistent read); a version without a row is left out. */
  async read(versions: readonly ObjectVersion[]): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    for (let start = 0; start < versions.length; start += KEYS_PER_BATCH_GET) {
      entries.push(...(await this.readBatch(versions.slice(start, start + KEYS_PER_BATCH_GET))));
    }
    return entries;
  }

  private async readBatch(versions: readonly ObjectVersion[]): Promise<LedgerEntry[]> {
    const entries: LedgerEntry[] = [];
    let keys: Record<string, unknown>[] = versions.map(primaryKey);
    for (let attempt = 0; keys.length > 0; attempt += 1) {
      if (attempt === BATCH_GET_ATTEMPTS) {
        throw new TransientServiceError(`DynamoDB left ${keys.length} rows unread ${attempt} times in succession.`);
      }
      const answer = await documents.send(
        new BatchGetCommand({ RequestItems: { [this.tableName]: { Keys: keys, ConsistentRead: true } } }),
      );
      entries.push(...(answer.Responses?.[this.tableName] ?? []).map((item) => ledgerEntrySchema.parse(item)));
      keys = answer.UnprocessedKeys?.[this.tableName]?.Keys ?? [];
    }
    return entries;
  }
}
