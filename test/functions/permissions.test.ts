import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../local/paths';
import { type ImportGraph, readImportGraph } from '../support/import-graph';
import { orchestrationSettings } from '../support/orchestration';
import { flat, statementsOf } from '../support/policies';
import { configuration, synthesise } from '../support/synthesised';

/**
 * What IAM asks for a call of an SDK client, by the call's name in the code. "Service Authorization Reference"; where an operation
 * has another name than its action, or asks for several, the page of the operation: "Required permissions for Amazon S3 API operations",
 * Amazon S3 User Guide.
 */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  BatchStopJobRunCommand: ['glue:BatchStopJobRun'],
  CompleteMultipartUploadCommand: ['s3:PutObject'],
  CopyObjectCommand: ['s3:GetObjectVersion', 's3:PutObject'],
  CreateMultipartUploadCommand: ['s3:PutObject'],
  DeleteObjectsCommand: ['s3:DeleteObject'],
  DescribeStacksCommand: ['cloudformation:DescribeStacks'],
  GetBucketNotificationConfigurationCommand: ['s3:GetBucketNotification'],
  GetCommand: ['dynamodb:GetItem'],
  GetObjectCommand: ['s3:GetObject'],
  GetSecretValueCommand: ['secretsmanager:GetSecretValue'],
  HeadObjectCommand: ['s3:GetObjectVersion'],
  PublishCommand: ['sns:Publish'],
  PutBucketNotificationConfigurationCommand: ['s3:PutBucketNotification'],
  PutObjectCommand: ['s3:PutObject'],
  PutSecretValueCommand: ['secretsmanager:PutSecretValue'],
  DescribeExecutionCommand: ['states:DescribeExecution'],
  SendMessageBatchCommand: ['sqs:SendMessage'],
  StartExecutionCommand: ['states:StartExecution'],
  UpdateCommand: ['dynamodb:UpdateItem'],
  UploadPartCopyCommand: ['s3:GetObjectVersion', 's3:PutObject'],
  paginateGetJobRuns: ['glue:GetJobRuns'],
  paginateListObjectsV2: ['s3:ListBucket'],
  paginateQuery: ['dynamodb:Query'],
};

/** The ledger's rows are one class, of whose calls each function makes its own. These it never makes, and so may not. */
const NEVER_MADE: Readonly<Record<string, readonly string[]>> = {
  'register-files': ['dynamodb:GetItem'],
  'record-outcome': ['dynamodb:GetItem', 'dynamodb:Query'],
  'watch-ledger': ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
};

const graph = readImportGraph('lib/functions');
const templates = Object.values(
  synthesise(
    configuration({ ...orchestrationSettings(), intake: { mode: 'batched' }, alarms: { processingMinutes: 90 } }),
  ),
).filter((part): part is Template => typeof part === 'object' && 'findResources' in part);

const functions = globSync('lib/functions/*/handler.ts', { cwd: ROOT }).map((handler) => handler.split('/')[2] ?? '');

describe('the role of a function', () => {
  it.each(functions)('%s allows what the code calls', (name) => {
    const needed = callsOf(name).flatMap((call) => ACTIONS[call] ?? [`the action of ${call}, missing in this test`]);
    const allowed = allowedTo(name);
    expect(needed.filter((action) => !allowed.includes(action) && !NEVER_MADE[name]?.includes(action))).toEqual([]);
  });

  it('allows none of the calls that the function never makes', () => {
    for (const [name, actions] of Object.entries(NEVER_MADE)) {
      expect(allowedTo(name).filter((action) => actions.includes(action))).toEqual([]);
    }
  });

  it('is found for every function, and calls are found in all that talk to AWS by an SDK', () => {
    const silent = functions.filter((name) => callsOf(name).length === 0);
    expect(functions.length).toBeGreaterThan(7);
    // It signs its one request itself.
    expect(silent).toEqual(['notify-airflow']);
    expect(allowedTo('notify-airflow')).toContain('airflow:InvokeRestApi');
  });
});

/** Calls of SDK clients in the modules that a function's handler imports, directly or not. */
function callsOf(name: string): string[] {
  const sources = reachable(graph, `lib/functions/${name}/handler.ts`).map((module) =>
    readFileSync(join(ROOT, module), 'utf8'),
  );
  const calls = sources.flatMap((source) => [...source.matchAll(/\bnew (\w+Command)\(|\b(paginate[A-Z]\w+)\(/g)]);
  return [...new Set(calls.map(([, command, paginator]) => command ?? paginator ?? ''))].sort();
}

function reachable(imports: ImportGraph, start: string): string[] {
  const found = new Set([start]);
  for (const module of found) {
    for (const imported of imports[module] ?? []) if (imported in imports) found.add(imported);
  }
  return [...found];
}

/** Actions that the policies of a function's role allow. */
function allowedTo(name: string): readonly string[] {
  for (const template of templates) {
    const [found] = Object.values(
      template.findResources('AWS::Lambda::Function', { Properties: { FunctionName: `reviews-test-${name}` } }),
    );
    const role = /^<(\w+)\.Arn>$/.exec(flat(found?.Properties.Role ?? ''))?.[1];
    if (role) return statementsOf(template, role).flatMap(({ effect, actions }) => (effect === 'Allow' ? actions : []));
  }
  throw new Error(`no function ${name} in any template`);
}
