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
import { tables } from '../../lib/contracts/tables';
import { batchOf } from '../../lib/functions/ledger/identity';
import { type Manifest, type ManifestFile, manifestSchema } from '../../lib/functions/ledger/manifest';
import { parquetFile } from '../../lib/functions/ledger/parquet';
import { handler as recordFailure } from '../../lib/functions/record-failure/handler';
import { handler as recordOutcome } from '../../lib/functions/record-outcome/handler';
import { handler as registerFiles } from '../../lib/functions/register-files/handler';
import type { Deployment } from '../../operator/deployment';
import { context, FakePipeline } from './pipeline';

/** What the jobs make of a file, by the end of its key. */
interface Figures {
  readonly published: number;
  /** The counted table that has what is published; null of the products that a catalogue describes. @default reviews */
  readonly table?: 'support_cases' | null;
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
  private readonly published = {
    reviews: new Map<string, readonly string[]>(),
    reviewers: new Map<string, readonly string[]>(),
    support_cases: new Map<string, readonly string[]>(),
    rejected_records: new Map<string, readonly string[]>(),
  };
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
    const publishedIn = (wanted: Figures['table'] | 'reviews') =>
      files.flatMap((file) => {
        const { published, table = 'reviews' } = figuresOf(file);
        return Array<string>(table === wanted ? published : 0).fill(file.fileId);
      });
    const rows = {
      reviews: publishedIn('reviews'),
      support_cases: publishedIn('support_cases'),
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
    table: 'reviews' | 'reviewers' | 'support_cases' | 'rejected_records',
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
    this.put(tablePartitionPrefix(table, batch), new Uint8Array(bytes));
    if (table !== 'reviewers') this.published[table].set(batch.id, data);
  }

  /** What the compaction makes of the batches of a day: larger files, announced, and later the end of the batches' own. */
  compact(ingestDate: string, ended: boolean): { id: string; ingestDate: string } {
    const compaction = { id: `${ingestDate.replaceAll('-', '')}T000000Z-0badcafe-compacted`, ingestDate };
    const counted = new Map<string, Record<string, number>>();
    for (const [table, batches] of Object.entries(this.published)) {
      const rows = [...batches].flatMap(([id, files]) => files.map((file) => ({ id, file })));
      for (const [id, files] of batches) counted.set(id, { ...counted.get(id), [table]: files.length });
      if (rows.length === 0) continue;
      const columns = { file_id: rows.map(({ file }) => file), original_batch_id: rows.map(({ id }) => id) };
      const columnData = Object.entries(columns).map(([name, data]) => ({ name, data, type: 'STRING' as const }));
      const folder = tablePartitionPrefix(table as 'reviews', compaction);
      for (const id of ended ? batches.keys() : [])
        this.remove(tablePartitionPrefix(table as 'reviews', { id, ingestDate }));
      this.put(folder, new Uint8Array(parquetWriteBuffer({ columnData })));
    }
    const announced = [...counted].map(([id, rows]) => ({
      compacted_batch_id: id,
      compacted_rows: JSON.stringify(rows),
      compacted_at: new Date(AN_HOUR_AGO),
    }));
    this.put(tablePartitionPrefix('compactions', compaction), parquetFile(tables.compactions, announced));
    return compaction;
  }

  private put(folder: string, bytes: Uint8Array): void {
    this.pipeline.s3.objects.set(`processed/${folder}part-00000.parquet`, bytes);
  }

  private remove(folder: string): void {
    this.pipeline.s3.objects.delete(`processed/${folder}part-00000.parquet`);
  }

  /** Batches that have objects in the table `reviews`, or another one. */
  batchesIn(table = 'reviews'): string[] {
    const path = new RegExp(`tables/${table}/.*batch_id=([^/]+)/`);
    return [...this.pipeline.s3.objects.keys()].flatMap((key) => path.exec(key)?.[1] ?? []);
  }
}
