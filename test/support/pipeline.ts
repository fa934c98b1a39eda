import { createHash } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { vi } from 'vitest';
import { logger } from '../../lib/functions/runtime/logging';
import { FakeDynamoDb } from './fake-dynamodb';
import { FakeS3 } from './fake-s3';

/** What the handlers read of Lambda's context. */
export const context = { functionName: 'function', awsRequestId: 'request' } as Context;

export interface Received {
  readonly key: string;
  readonly versionId: string;
  readonly event: object;
}

/** An execution, told apart by its name. */
export function execution(name = 'one') {
  return {
    arn: `arn:aws:states:eu-west-1:111122223333:execution:review-intake:${name}`,
    startTime: '2026-11-21T09:00:00.123Z',
  };
}

/** S3 and DynamoDB in memory, and the environment that the stack gives the functions. */
export class FakePipeline {
  readonly s3 = new FakeS3();
  readonly dynamoDb = new FakeDynamoDb();
  private count = 0;

  constructor() {
    logger.setLogLevel('SILENT');
    vi.stubEnv('RAW_BUCKET', 'raw');
    vi.stubEnv('PROCESSED_BUCKET', 'processed');
    vi.stubEnv('LEDGER_TABLE', 'ledger');
    vi.stubEnv('CLEAN_JOB', 'clean-reviews');
    vi.stubEnv('FLATTEN_JOB', 'flatten-reviews');
    vi.stubEnv('ALERT_TOPIC_ARN', 'arn:aws:sns:eu-west-1:111122223333:alerts');
  }

  /** Puts an object under `reviews/` and returns its event. */
  receive(
    name: string,
    content: string | Uint8Array,
    stored: { etag?: string; checksum?: string; sizeBytes?: number; metadata?: Record<string, string> } = {},
  ): Received {
    const key = `reviews/${name}`;
    this.count += 1;
    const versionId = `version-${this.count}`;
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const etag = stored.etag ?? createHash('md5').update(bytes).digest('hex');
    const sizeBytes = stored.sizeBytes ?? bytes.length;
    this.s3.versions.set(JSON.stringify([key, versionId]), {
      bytes,
      etag,
      sizeBytes,
      ...(stored.checksum && { checksum: stored.checksum }),
      ...(stored.metadata && { metadata: stored.metadata }),
    });
    return { key, versionId, event: objectCreated({ key, versionId, size: sizeBytes, etag }) };
  }

  /** How many lines a version in the raw bucket has. */
  linesOf(key: string, versionId: string): number {
    const { bytes } = this.s3.versions.get(JSON.stringify([key, versionId])) ?? { bytes: new Uint8Array() };
    return new TextDecoder().decode(bytes).split('\n').filter(Boolean).length;
  }

  /** Writes a JSON document into the processed bucket. */
  putDocument(key: string, document: unknown): void {
    this.s3.objects.set(`processed/${key}`, new TextEncoder().encode(JSON.stringify(document)));
  }
}

/** An event "Object Created" as EventBridge delivers it. */
export function objectCreated(object: { key: string; versionId: string; size: number; etag: string }) {
  return {
    version: '0',
    id: '17793124-05d4-b198-2fde-7ededc63b103',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-11-21T08:59:58Z',
    region: 'eu-west-1',
    resources: ['arn:aws:s3:::raw'],
    detail: {
      version: '0',
      bucket: { name: 'raw' },
      object: {
        key: object.key,
        size: object.size,
        etag: object.etag,
        'version-id': object.versionId,
        sequencer: '00617F08299329D189',
      },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '123456789012',
      'source-ip-address': '1.2.3.4',
      reason: 'PutObject',
    },
  };
}
