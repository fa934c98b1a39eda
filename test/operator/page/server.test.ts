import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../../lib/config/settings';
import { clientOptions } from '../../../local/platform/aws-clients';
import { pageApp } from '../../../operator/page/server';
import type { PageSubject } from '../../../operator/page/views';

// Tests share their modules: none of the clients may still be the fake of another file.
mockClient(DynamoDBDocumentClient).restore();
mockClient(S3Client).restore();
mockClient(SFNClient).restore();
mockClient(SQSClient).restore();

const TOKEN = 'a-token-of-this-test';
const gone = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4566'), { code: 'ECONNREFUSED' });

/** A client whose every call finds nobody who listens. */
function refused<Client extends Parameters<typeof mockClient>[0]>(client: Client): Client {
  mockClient(client).rejects(gone);
  return client;
}

/** A deployment that has gone. */
const options = clientOptions('http://127.0.0.1:4566');
const deployment: PageSubject['deployment'] = {
  environment: 'local',
  region: 'us-east-1',
  settings: loadSettings('local'),
  prefix: 'reviews-local',
  outputs: {
    RawBucketName: 'raw',
    ProcessedBucketName: 'processed',
    LedgerTableName: 'ledger',
    ReviewIntakeStateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:intake',
  },
  cloudFormation: refused(new CloudFormationClient(options)),
  dynamoDb: refused(DynamoDBDocumentClient.from(new DynamoDBClient(options))),
  lambda: refused(new LambdaClient(options)),
  s3: refused(new S3Client(options)),
  secretsManager: refused(new SecretsManagerClient(options)),
  sfn: refused(new SFNClient(options)),
  sqs: refused(new SQSClient(options)),
  sts: refused(new STSClient(options)),
};

const app = pageApp({ deployment, warehouse: () => Promise.reject(new Error('There is no Snowflake here.')) }, TOKEN, {
  metrics: async () => 'reviews_files 1\n',
});

const ask = (path: string, init: { headers?: Record<string, string>; method?: string } = {}) =>
  app.request(`http://127.0.0.1:8080${path}`, {
    ...init,
    headers: { host: '127.0.0.1:8080', cookie: `reviews-page=${TOKEN}`, ...init.headers },
  });

describe("the page's server", () => {
  it('takes the token of the address once, and keeps it in a cookie that no script reads', async () => {
    const first = await ask(`/?token=${TOKEN}`, { headers: { cookie: '' } });
    expect(first.status).toBe(302);
    expect(first.headers.get('location')).toBe('/');
    expect(first.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict/);
    expect((await ask('/')).status).toBe(200);
  });

  it.each([
    ['without the token', { cookie: '' }, 403],
    ['with another token', { cookie: 'reviews-page=other' }, 403],
    ['under the name of another host, as after DNS rebinding', { host: 'evil.example' }, 421],
    ['under a name that only begins like its own', { host: '127.0.0.1.evil.example' }, 421],
  ])('answers nobody %s', async (_, headers, status) => {
    for (const path of ['/', '/page.js', '/api/files']) expect((await ask(path, { headers })).status).toBe(status);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('refuses %s: it only reads', async (method) => {
    const answer = await ask('/api/files', { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  it('lets the browser load and run what it serves, and nothing else', async () => {
    const { headers } = await ask('/');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('gives figures to Prometheus, which has no token', async () => {
    expect(await (await ask('/metrics', { headers: { cookie: '' } })).text()).toBe('reviews_files 1\n');
  });

  it('says in one sentence what is wrong where the deployment is gone, and no more', async () => {
    for (const path of ['/api/overview', '/api/executions', '/api/files', '/api/quality', '/api/file?key=x']) {
      const answer = await ask(path);
      expect(answer.status).toBe(503);
      const { error } = (await answer.json()) as { error: string };
      expect(error).toMatch(/does not answer|cannot be reached/);
      expect(error).not.toMatch(/4566|\n +at /);
    }
  });

  it('says why there are no presentation tables', async () => {
    expect(await (await ask('/api/presentation')).json()).toEqual({ error: 'There is no Snowflake here.' });
  });

  it('refuses a time that is none, and an address that is none', async () => {
    expect(await (await ask('/api/files?since=yesterday')).json()).toHaveProperty('error');
    expect((await ask('/api/nothing')).status).toBe(404);
    expect((await ask('/../package.json')).status).toBe(404);
  });
});
