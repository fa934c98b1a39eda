import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';

type Row = Record<string, unknown>;
type Placeholders = {
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, unknown> | undefined;
};

/** Reads an operand of an expression: `:value`, or `#name` and a name that is no reserved word, from the row. */
function operand(token: string, row: Row, placeholders: Placeholders): unknown {
  if (token.startsWith(':')) {
    const value = placeholders.ExpressionAttributeValues?.[token];
    if (value === undefined) throw new Error(`ValidationException: ${token} has no value`);
    return value;
  }
  const name = token.startsWith('#') ? placeholders.ExpressionAttributeNames?.[token] : token;
  if (name === undefined) throw new Error(`ValidationException: ${token} has no name`);
  return row[name];
}

const COMPARISONS: Readonly<Record<string, (left: unknown, right: unknown) => boolean>> = {
  '=': (left, right) => left === right,
  '<>': (left, right) => left !== right,
  '<': (left, right) => String(left) < String(right),
  '>=': (left, right) => String(left) >= String(right),
};

/** Evaluates the conditions that the ledger uses: OR of ANDs of comparisons of texts, `IN` and `attribute_not_exists`. */
function holds(condition: string, row: Row, placeholders: Placeholders): boolean {
  return condition.split(' OR ').some((alternative) =>
    alternative.split(' AND ').every((term) => {
      const absent = /^attribute_not_exists\((#\w+)\)$/.exec(term);
      if (absent) return operand(absent[1] ?? '', row, placeholders) === undefined;
      const among = /^(#\w+) IN \((.+)\)$/.exec(term);
      if (among) {
        const options = (among[2] ?? '').split(', ').map((token) => operand(token, row, placeholders));
        return options.includes(operand(among[1] ?? '', row, placeholders));
      }
      const [left = '', operator = '', right = ''] = term.split(' ');
      const compares = COMPARISONS[operator];
      if (!compares) throw new Error(`ValidationException: cannot read the condition ${term}`);
      return compares(operand(left, row, placeholders), operand(right, row, placeholders));
    }),
  );
}

/** DynamoDB refuses a request with a placeholder that no expression uses. */
function assertAllUsed(expressions: string, placeholders: Placeholders): void {
  const names = Object.keys(placeholders.ExpressionAttributeNames ?? {});
  const values = Object.keys(placeholders.ExpressionAttributeValues ?? {});
  for (const token of [...names, ...values]) {
    if (!new RegExp(`${token}\\b`).test(expressions)) {
      throw new Error(`ValidationException: ${token} is defined but not used`);
    }
  }
}

function applyUpdate(expression: string, row: Row, placeholders: Placeholders): Row {
  const [, sets = '', removes = ''] = /^SET (.+?)(?: REMOVE (.+))?$/.exec(expression) ?? [];
  const next = { ...row };
  for (const assignment of sets.split(/, (?=#)/)) {
    const [target = '', value = ''] = assignment.split(' = ');
    const name = placeholders.ExpressionAttributeNames?.[target] ?? '';
    const counted = /^if_not_exists\((#\w+), (:\w+)\) \+ (:\w+)$/.exec(value);
    next[name] = counted
      ? Number(operand(counted[1] ?? '', row, placeholders) ?? operand(counted[2] ?? '', row, placeholders)) +
        Number(operand(counted[3] ?? '', row, placeholders))
      : operand(value, row, placeholders);
  }
  for (const target of removes.split(', ').filter(Boolean)) {
    delete next[placeholders.ExpressionAttributeNames?.[target] ?? ''];
  }
  return next;
}

/** A table in memory behind the mocked DynamoDB client, with the conditional writes that the ledger rests on. */
export class FakeDynamoDb {
  readonly mock = mockClient(DynamoDBDocumentClient);
  readonly rows = new Map<string, Row>();
  /** Object versions that the index does not show yet, by sort key. */
  readonly hiddenFromIndex = new Set<string>();

  constructor() {
    // The document client hands its calls to a plain client; nothing may reach the network.
    mockClient(DynamoDBClient);
    this.mock.on(UpdateCommand).callsFake((input) => {
      const id = JSON.stringify([input.Key?.object, input.Key?.version_id]);
      assertAllUsed(`${input.UpdateExpression} ${input.ConditionExpression}`, input);
      const row = this.rows.get(id);
      if (!holds(input.ConditionExpression ?? '', row ?? {}, input)) {
        throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
      }
      const next = applyUpdate(input.UpdateExpression ?? '', { ...input.Key, ...row }, input);
      this.rows.set(id, next);
      return { Attributes: next };
    });
    this.mock.on(GetCommand).callsFake((input) => ({
      Item: this.rows.get(JSON.stringify([input.Key?.object, input.Key?.version_id])),
    }));
    this.mock.on(QueryCommand).callsFake((input) => {
      assertAllUsed(`${input.KeyConditionExpression} ${input.FilterExpression} ${input.ProjectionExpression}`, input);
      const shown = [...this.rows.values()]
        .filter((row) => input.IndexName === undefined || !this.hiddenFromIndex.has(String(row.version_id)))
        .filter((row) => holds(input.KeyConditionExpression ?? '', row, input))
        .filter((row) => input.FilterExpression === undefined || holds(input.FilterExpression, row, input));
      return { Items: shown };
    });
  }

  /** The row of an object version. */
  row(key: string, versionId: string): Row | undefined {
    return [...this.rows.values()].find((row) => row.object === `raw/${key}` && row.version_id === versionId);
  }

  /** States of all rows, by key of the object. */
  statuses(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.rows.values()].map((row) => [
        String(row.object).replace('raw/reviews/', ''),
        row.reason === undefined ? row.status : `${row.status} ${row.reason}`,
      ]),
    );
  }
}
