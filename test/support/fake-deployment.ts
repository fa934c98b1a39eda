import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { loadSettings } from '../../lib/config/settings';
import { manifestKey, outcomeKey, s3Uri, tablePartitionPrefix } from '../../lib/contracts/object-keys';
import { batchOf } from '../../lib/functions/ledger/identity';
import { type Manifest, type ManifestFile, manifestSchema } from '../../lib/functions/ledger/manifest';
import { handler as recordFailure } from '../../lib/functions/record-failure/handler';
import { handler as recordOutcome } from '../../lib/functions/record-outcome/handler';
import { handler as registerFiles } from '../../lib/functions/register-files/handler';
import type { Deployment } from '../../operator/deployment';
import { context, FakePipeline } from './pipeline';

/** What the jobs make of a file, by the end of its key. */
interface Figures {
  readonly published: number;
  /** What is published are products that a catalogue describes. */
  readonly isCatalogue?: true;
  readonly rejected?: Readonly<Record<string, number>>;
}

/** What comes after the part of an execution that still happens. */
export type Death = 'clean' | 'record outcome' | 'in the midst of record outcome';

const AN_HOUR_AGO = Date.now() - 3_600_000;

/** A deployed environment in memory: the functions are the real ones, and executions call them one after the other. */
export class FakeDeployment {
  readonly pipeline = new FakePipeline();
  // Of the deployment's own clients: tests of other files share the classes.
  private readonly clients = { sfn: new SFNClient(), lambda: new LambdaClient() };
  readonly sfn = mockClient(this.clients.sfn);
  readonly deployment: Deployment;
  /** What the jobs find; a published record in every line where nothing is said. */
  readonly figures = new Map<string, Figures>();
  /** Inputs of the executions, in the order of their starts. */
  readonly inputs: Record<string, unknown>[] = [];
  /** Where the next executions are killed, without anybody to report it. */
  readonly deaths: (Death | undefined)[] = [];
  private started = 0;

  constructor() {
    mockClient(GlueClient).on(GetJobRunsCommand).resolves({ JobRuns: [] });
    mockClient(SNSClient).on(PublishCommand).resolves({});
    mockClient(this.clients.lambda)
      .on(InvokeCommand)
      .callsFake(async ({ Payload }) => {
        await recordFailure(JSON.parse(Payload), context);
        return {};
      });
    this.sfn.on(ListExecutionsCommand).resolves({ executions: [] });
    this.sfn.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED' });
    this.sfn
      .on(StartExecutionCommand)
      .callsFake(async ({ input }) => ({ executionArn: await this.execute(JSON.parse(input)) }));
    this.deployment = {
      environment: 'dev',
      region: 'eu-west-1',
      settings: loadSettings('dev'),
      prefix: 'reviews-dev',
      outputs: {
        RawBucketName: 'raw',
        ProcessedBucketName: 'processed',
        LedgerTableName: 'ledger',
        ReviewIntakeStateMachineArn: 'arn:aws:states:eu-west-1:111122223333:stateMachine:review-intake',
      },
      cloudFormation: new CloudFormationClient(),
      dynamoDb: DynamoDBDocumentClient.from(new DynamoDBClient()),
      ...this.clients,
      s3: new S3Client({ region: 'eu-west-1' }),
      secretsManager: new SecretsManagerClient(),
      sqs: new SQSClient(),
      sts: new STSClient(),
    };
  }

  /** Puts a file into the raw bucket; nothing is started. */
  receive(name: string, content = `{"reviewerID": "${name}", "asin": "b", "overall": 5.0, "unixReviewTime": 1}\n`) {
    return this.pipeline.receive(name, content);
  }

  /** An execution as the state machine runs it: what fails goes to record-failure, what is killed is reported by nobody. */
  async execute(input: Record<string, unknown>): Promise<string> {
    this.inputs.push(input);
    this.started += 1;
    const death = this.deaths.shift();
    const arn = `arn:aws:states:eu-west-1:111122223333:execution:review-intake:${this.started}`;
    const execution = { arn, startTime: new Date(AN_HOUR_AGO + 1000 * this.started).toISOString() };
    try {
      const { fileCount } = await registerFiles({ execution, input }, context);
      if (fileCount === 0 || death === 'clean') return arn;
      const batch = batchOf(execution);
      this.runJobs(manifestSchema.parse(JSON.parse(this.pipeline.s3.text(manifestKey(batch.id)))));
      if (death === 'record outcome') return arn;
      if (death) this.pipeline.s3.nextWriteError = new Error('killed');
      await recordOutcome(
        { execution, batch: { ...batch, manifest: s3Uri('processed', manifestKey(batch.id)) } },
        context,
      );
    } catch (error) {
      if (death) return arn;
      const { name, message } = error as Error;
      await recordFailure({ execution, error: { Error: name, Cause: message } }, context);
    }
    return arn;
  }

  /** Writes what the jobs write, with Parquet files of as many rows as they say. */
  private runJobs({ batchId: id, ingestDate, files }: Manifest): void {
    const figuresOf = ({ key, versionId }: ManifestFile): Figures =>
      this.figures.get(key.split('/').at(-1) ?? '') ?? { published: this.pipeline.linesOf(key, versionId) };
    const outcomes = files.map((file) => {
      const { fileId } = file;
      const { published, rejected = {} } = figuresOf(file);
      const recordsRead = published + Object.values(rejected).reduce((sum, count) => sum + count, 0);
      return { fileId, recordsRead, published, duplicates: 0, rejected };
    });
    this.pipeline.putDocument(outcomeKey(id), { batchId: id, files: outcomes, tables: {} });
    const rows = {
      reviews: files.flatMap((file) => {
        const { published, isCatalogue } = figuresOf(file);
        return Array<string>(isCatalogue ? 0 : published).fill(file.fileId);
      }),
      rejected_records: outcomes.flatMap(({ fileId, recordsRead, published }) =>
        Array<string>(recordsRead - published).fill(fileId),
      ),
    };
    for (const [table, data] of Object.entries(rows)) {
      if (data.length > 0) this.publish(table as keyof typeof rows, { id, ingestDate }, data);
    }
  }

  /** Writes a Parquet file of a table, of which only the files' ids are told, and the reviewer where one is given. */
  publish(
    table: 'reviews' | 'reviewers' | 'rejected_records',
    batch: { id: string; ingestDate: string },
    data: readonly string[],
    reviewer: string | null = null,
  ): void {
    const all = (value: string | null) => ({ data: data.map(() => value), type: 'STRING' as const, nullable: true });
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'file_id', data: [...data], type: 'STRING' },
        { name: 'source', ...all('native') },
        { name: table === 'rejected_records' ? 'record' : 'reviewer_id', ...all(reviewer) },
      ],
    });
    const key = `processed/${tablePartitionPrefix(table, batch)}part-00000.parquet`;
    this.pipeline.s3.objects.set(key, new Uint8Array(bytes));
  }

  /** Batches that have objects in the table `reviews`, or another one. */
  batchesIn(table = 'reviews'): string[] {
    const path = new RegExp(`tables/${table}/.*batch_id=([^/]+)/`);
    return [...this.pipeline.s3.objects.keys()].flatMap((key) => path.exec(key)?.[1] ?? []);
  }
}
