import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { RUNNING_EXECUTIONS_KEY } from '../../contracts/running-executions';
import { clientDefaults } from '../runtime/aws';

/** Names of executions, and when each took its slot. */
const heldSchema = z.object({ running: z.record(z.string(), z.iso.datetime()) });
type Held = z.infer<typeof heldSchema>['running'];

/**
 * How long an execution that Step Functions does not know keeps its slot (milliseconds): it may be about to be started, and
 * DescribeExecution is eventually consistent ("DescribeExecution", AWS Step Functions API Reference).
 */
const UNKNOWN_MS = 5 * 60 * 1000;

const NAMES = { '#running': 'running' };

const documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientDefaults));

/**
 * So many executions may run that the intake has started. Each holds a slot, a name in one row, from before its start until it is seen
 * to have ended: whoever finds no free slot looks. Then no end has to be announced, and none can get lost.
 */
export class Slots {
  constructor(
    private readonly place: { readonly tableName: string; readonly stateMachineArn: string; readonly maximum: number },
    private readonly stepFunctions: SFNClient,
  ) {}

  /** Takes a slot for an execution that is about to be started; false where none is free. A name has one slot, however often it asks. */
  async take(name: string): Promise<boolean> {
    const held = await this.held();
    if (!(name in held) && Object.keys(held).length >= this.place.maximum) await this.release(await this.ended(held));
    try {
      await this.update('SET #running.#name = if_not_exists(#running.#name, :now)', {
        ConditionExpression: 'size(#running) < :maximum OR attribute_exists(#running.#name)',
        ExpressionAttributeNames: { ...NAMES, '#name': name },
        ExpressionAttributeValues: { ':maximum': this.place.maximum, ':now': new Date().toISOString() },
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Gives slots back: of executions that have ended, or could not be started. */
  async release(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const placeholders = Object.fromEntries(names.map((name, index) => [`#name${index}`, name]));
    const paths = Object.keys(placeholders).map((placeholder) => `#running.${placeholder}`);
    await this.update(`REMOVE ${paths.join(', ')}`, { ExpressionAttributeNames: { ...NAMES, ...placeholders } });
  }

  private async held(): Promise<Held> {
    const { Item } = await documents.send(
      new GetCommand({ TableName: this.place.tableName, Key: RUNNING_EXECUTIONS_KEY, ConsistentRead: true }),
    );
    if (Item) return heldSchema.parse(Item).running;
    await this.update('SET #running = if_not_exists(#running, :none)', {
      ExpressionAttributeNames: NAMES,
      ExpressionAttributeValues: { ':none': {} },
    });
    return {};
  }

  /** Those that Step Functions knows to have ended, or does not know though they should long have been started. */
  private async ended(held: Held): Promise<string[]> {
    const looked = Object.entries(held).map(async ([name, since]) => {
      const status = await this.statusOf(name);
      const isUnknown = status === undefined && Date.now() - Date.parse(since) > UNKNOWN_MS;
      return isUnknown || (status !== undefined && status !== 'RUNNING') ? [name] : [];
    });
    return (await Promise.all(looked)).flat();
  }

  private async statusOf(name: string): Promise<string | undefined> {
    const executionArn = `${this.place.stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    try {
      return (await this.stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    }
  }

  private async update(
    UpdateExpression: string,
    more: Omit<ConstructorParameters<typeof UpdateCommand>[0], 'TableName' | 'Key' | 'UpdateExpression'>,
  ): Promise<void> {
    const row = { TableName: this.place.tableName, Key: RUNNING_EXECUTIONS_KEY };
    await documents.send(new UpdateCommand({ ...row, UpdateExpression, ...more }));
  }
}
