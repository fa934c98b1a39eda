import {
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { destroy } from '../../operator/commands/destroy';
import { policyDocument } from '../../operator/commands/policy';
import { unwatched } from '../../operator/watching';
import { FakeDeployment } from '../support/fake-deployment';

const { deployment } = new FakeDeployment();
const STACKS = ['monitoring', 'warehouse', 'intake', 'processing', 'storage'].map((part) => `reviews-dev-${part}`);

describe('destroy', () => {
  let deleted: string[];
  let isProtected = false;
  const asked = (name: string) => ({ askName: async () => name, watching: unwatched });

  beforeEach(() => {
    deleted = [];
    isProtected = false;
    const mock = mockClient(deployment.cloudFormation);
    mock.on(DescribeStacksCommand).callsFake(({ StackName }) => {
      if (deleted.includes(StackName)) return { Stacks: [{ StackName, StackStatus: 'DELETE_COMPLETE' }] };
      if (!STACKS.includes(StackName)) throw Object.assign(new Error('does not exist'), { name: 'ValidationError' });
      return { Stacks: [{ StackName, EnableTerminationProtection: isProtected && StackName.endsWith('storage') }] };
    });
    mock.on(GetTemplateCommand).callsFake(({ StackName }) => ({
      TemplateBody: JSON.stringify({
        Resources: StackName.endsWith('storage') ? { Raw: { DeletionPolicy: 'Retain' }, Role: {} } : {},
      }),
    }));
    mock.on(ListStackResourcesCommand).resolves({
      StackResourceSummaries: [
        { LogicalResourceId: 'Raw', PhysicalResourceId: 'raw-bucket', ResourceType: 'AWS::S3::Bucket' } as never,
        { LogicalResourceId: 'Role', PhysicalResourceId: 'role', ResourceType: 'AWS::IAM::Role' } as never,
      ],
    });
    mock.on(DeleteStackCommand).callsFake(({ StackName }) => {
      deleted.push(StackName);
      return {};
    });
  });

  it('deletes what is built on others first, Snowflake before the buckets, and lists what is kept', async () => {
    const text = await destroy(deployment, {}, asked('dev'));
    expect(deleted).toEqual(STACKS);
    expect(text).toContain('AWS::S3::Bucket raw-bucket');
    expect(text).not.toContain('AWS::IAM::Role');
  });

  it('deletes nothing where the name is not typed, or is that of another environment', async () => {
    await expect(destroy(deployment, {}, asked('prod'))).rejects.toThrow('Nothing was deleted');
    expect(deleted).toEqual([]);
  });

  it('deletes nothing where one of the stacks is protected, and says which', async () => {
    isProtected = true;
    await expect(destroy(deployment, {}, asked('dev'))).rejects.toThrow('reviews-dev-storage is protected');
    expect(deleted).toEqual([]);
  });

  it('--dry-run only shows the plan', async () => {
    expect(await destroy(deployment, { dryRun: true }, asked(''))).toContain('  reviews-dev-storage, of which 1');
    expect(deleted).toEqual([]);
  });
});

describe('policy', () => {
  it('allows actions by name, on the environment only', () => {
    for (const options of [{}, { readOnly: true } as const, { erase: true } as const]) {
      for (const { Action, Resource } of policyDocument(deployment, options).Statement) {
        expect(Action.filter((action) => action.includes('*'))).toEqual([]);
        expect(Resource).not.toContain('*');
      }
    }
  });

  it('--read-only allows nothing that changes anything', () => {
    const actions = policyDocument(deployment, { readOnly: true }).Statement.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /:(Put|Delete|Start|Invoke|Send|Update|Create)/.test(action))).toEqual([]);
  });

  it('lets nobody delete received files for good who does not ask for it', () => {
    const actionsWith = (options: object) =>
      policyDocument(deployment, options).Statement.flatMap(({ Action }) => Action);
    expect(actionsWith({})).not.toContain('s3:DeleteObjectVersion');
    expect(actionsWith({ erase: true })).toContain('s3:DeleteObjectVersion');
  });
});
