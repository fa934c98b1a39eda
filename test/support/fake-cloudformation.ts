import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { vi } from 'vitest';
import { provision } from '../../lib/functions/provision-warehouse/handler';
import { logger } from '../../lib/functions/runtime/logging';
import type { Connect } from '../../lib/functions/snowflake/driver';

export type Properties = Record<string, unknown>;

/** What the function put at the URL of a request. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
  readonly Data?: Record<string, string>;
}

interface Resource {
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Properties;
  readonly attributes: Record<string, string>;
}

/** Resources of a stack in the order of their dependencies; properties from the attributes of those before. */
export type Template = readonly {
  readonly id: string;
  readonly type: string;
  properties(attributes: Record<string, Record<string, string>>): Properties;
}[];

/**
 * CloudFormation as a custom resource sees it: creates in order, updates what changed, deletes what was replaced at the end, and rolls back.
 */
export class FakeCloudFormation {
  resources = new Map<string, Resource>();
  /** Requests that were sent: `Update Database`. */
  readonly requests: string[] = [];
  /** Milliseconds that the function has for a request. */
  remaining = 600_000;
  private status = 'CREATE_IN_PROGRESS';
  /** Outputs of the last deployment that succeeded: the attributes of its resources. */
  private outputs: { OutputKey: string; OutputValue: string }[] = [];

  constructor(private readonly login: Connect) {
    logger.setLogLevel('SILENT');
    mockClient(CloudFormationClient)
      .on(DescribeStacksCommand)
      .callsFake(() => ({ Stacks: [{ StackStatus: this.status, Outputs: this.outputs }] }));
  }

  /** Creates or updates the stack; after a failure it is as it was, or gone, and the reason is returned. */
  async deploy(template: Template): Promise<string | undefined> {
    const before = new Map(this.resources);
    this.status = before.size === 0 ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
    const replaced: [string, Resource][] = [];
    const touched: string[] = [];
    for (const { id, type, properties } of template) {
      const wanted = properties(this.attributes());
      const old = this.resources.get(id);
      if (old && JSON.stringify(old.properties) === JSON.stringify(wanted)) continue;
      const answer = await this.send(old ? 'Update' : 'Create', id, type, wanted, old);
      touched.push(id);
      const physicalId = answer.PhysicalResourceId;
      if (answer.Status === 'FAILED') {
        if (!old) this.resources.set(id, { type, physicalId, properties: wanted, attributes: {} });
        await this.rollBack(before, touched);
        return answer.Reason ?? '';
      }
      if (old && old.physicalId !== physicalId) replaced.push([id, old]);
      this.resources.set(id, { type, physicalId, properties: wanted, attributes: answer.Data ?? {} });
    }
    this.outputs = Object.values(this.attributes()).flatMap((attributes) =>
      Object.entries(attributes).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    );
    for (const [id, resource] of replaced.reverse()) await this.remove(id, resource);
    return undefined;
  }

  /** Deletes the stack, the last resource first, or in another order. */
  async destroy(order: readonly string[] = [...this.resources.keys()].reverse()): Promise<void> {
    for (const id of order) {
      const resource = this.resources.get(id);
      if (resource) await this.remove(id, resource);
      this.resources.delete(id);
    }
  }

  /** Sends one request and returns what the function put at its URL. */
  async send(
    requestType: 'Create' | 'Update' | 'Delete',
    id: string,
    type: string,
    properties: Properties,
    old?: Pick<Resource, 'physicalId' | 'properties'>,
  ): Promise<Answer> {
    this.requests.push(`${requestType} ${id}`);
    const answers: Answer[] = [];
    vi.stubGlobal('fetch', async (_url: string, { body }: { body: string }) => {
      answers.push(JSON.parse(body));
      return { ok: true };
    });
    const event = {
      RequestType: requestType,
      ResponseURL: 'https://cloudformation.example.com/answer?signature=secret',
      StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/reviews-test-warehouse/1',
      RequestId: 'request',
      LogicalResourceId: id,
      ResourceType: type,
      ResourceProperties: { ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:provision', ...properties },
      ...(old && { PhysicalResourceId: old.physicalId }),
      ...(requestType === 'Update' && { OldResourceProperties: old?.properties }),
    };
    const context = { functionName: 'provision', awsRequestId: '1', getRemainingTimeInMillis: () => this.remaining };
    await provision(event, context as Context, this.login);
    const [answer] = answers;
    if (!answer || answers.length > 1) throw new Error(`${answers.length} answers to ${requestType} ${id}`);
    return answer;
  }

  private attributes(): Record<string, Record<string, string>> {
    return Object.fromEntries([...this.resources].map(([id, { attributes }]) => [id, attributes]));
  }

  private async remove(id: string, resource: Resource): Promise<void> {
    const answer = await this.send('Delete', id, resource.type, resource.properties, resource);
    if (answer.Status === 'FAILED') throw new Error(`DELETE_FAILED ${id}: ${answer.Reason}`);
  }

  private async rollBack(before: ReadonlyMap<string, Resource>, touched: readonly string[]): Promise<void> {
    this.status = before.size === 0 ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
    const made: [string, Resource][] = [];
    for (const id of touched) {
      const old = before.get(id);
      const now = this.resources.get(id) as Resource;
      if (!old) {
        made.push([id, now]);
        continue;
      }
      const answer = await this.send('Update', id, old.type, old.properties, now);
      if (answer.Status === 'FAILED') throw new Error(`UPDATE_ROLLBACK_FAILED ${id}: ${answer.Reason}`);
      this.resources.set(id, { ...old, physicalId: answer.PhysicalResourceId, attributes: answer.Data ?? {} });
      if (now.physicalId !== answer.PhysicalResourceId) made.push([id, now]);
    }
    for (const [id, resource] of made.reverse()) {
      await this.remove(id, resource);
      if (!before.has(id)) this.resources.delete(id);
    }
  }
}
