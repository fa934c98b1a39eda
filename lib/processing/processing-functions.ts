import { Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { COMPACTIONS_PREFIX } from '../contracts/object-keys';
import { REVIEWS_PREFIX, TABLES_PREFIX, WORK_PREFIX } from '../contracts/prefixes';
import { SOURCES_FOLDER } from '../contracts/source-documents';
import { FLATTENED_TABLES } from '../contracts/tables';
import { allowKey, allowListing, allowObjects, allowTable } from '../kit/grants';
import { PipelineFunction, type PipelineFunctionProps } from '../kit/pipeline-function';
import { PUBLISH_REASON, WORK_REASON } from '../storage/path-reasons';

export interface ProcessingFunctionsProps {
  /** First part of the functions' names. */
  readonly prefix: string;
  /** Names of the Glue jobs, whose runs record-failure stops. */
  readonly jobNames: { readonly cleanJobName: string; readonly flattenJobName: string };
  readonly rawBucket: Bucket;
  readonly processedBucket: Bucket;
  readonly ledger: Table;
  /** Key of the buckets and of the ledger. */
  readonly dataKey: IKey;
  readonly alertTopic: ITopic;
  /** Takes events that record-failure could not handle. */
  readonly deadLetters: IQueue;
  readonly operationsKey: IKey;
  readonly settings: Pick<Settings, 'functions' | 'logs'>;
}

const FILE_EVENTS = `${TABLES_PREFIX}file_events/*`;
const FILE_EVENTS_REASON = 'Every batch writes its file events to a path of its own.';
const WORK = `${WORK_PREFIX}*`;

/** The functions that the state machine calls, each with permission to access exactly what its work needs. */
export class ProcessingFunctions extends Construct {
  readonly registerFiles: PipelineFunction;
  readonly recordOutcome: PipelineFunction;
  readonly recordFailure: PipelineFunction;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ProcessingFunctionsProps,
  ) {
    super(scope, id);
    this.registerFiles = this.createRegisterFiles();
    this.recordOutcome = this.createRecordOutcome();
    this.recordFailure = this.createRecordFailure();
  }

  private createRegisterFiles(): PipelineFunction {
    const { rawBucket, processedBucket, ledger, settings } = this.props;
    const register = this.create('RegisterFiles', {
      name: 'register-files',
      description: 'Claims received files, looks at their first bytes and copies them to the work area of their batch',
      folders: [SOURCES_FOLDER],
      size: settings.functions.registerFiles,
    });
    register.acknowledgeSynchronousCalls('the state Register files');

    const { role } = register;
    const readActions = ['s3:GetObject', 's3:GetObjectVersion'];
    const writeActions = ['s3:PutObject', 's3:AbortMultipartUpload'];
    allowListing(role, rawBucket, 's3:ListBucketVersions');
    allowObjects(role, rawBucket, readActions, `${REVIEWS_PREFIX}*`, 'Producers name the files they drop.');
    allowObjects(role, processedBucket, writeActions, WORK, WORK_REASON);
    allowObjects(role, processedBucket, writeActions, FILE_EVENTS, FILE_EVENTS_REASON);
    allowTable(role, ledger, ['dynamodb:UpdateItem', 'dynamodb:Query']);
    // The files of a batch that is to be replaced.
    allowTable(role, ledger, ['dynamodb:Query'], 'by-batch');
    return register;
  }

  private createRecordOutcome(): PipelineFunction {
    const { processedBucket, ledger, settings } = this.props;
    const record = this.create('RecordOutcome', {
      name: 'record-outcome',
      description: 'Writes the figures and the status of the files of a batch to the ledger',
      size: settings.functions.recordOutcome,
    });
    record.acknowledgeSynchronousCalls('the state Record outcome');

    allowObjects(record.role, processedBucket, ['s3:GetObject'], WORK, WORK_REASON);
    allowObjects(record.role, processedBucket, ['s3:PutObject'], FILE_EVENTS, FILE_EVENTS_REASON);
    allowTable(record.role, ledger, ['dynamodb:UpdateItem']);
    // A batch that was processed again replaces what it has published before.
    allowListing(record.role, processedBucket);
    this.allowWithdrawal(record.role);
    const marks = 'Every batch that is replaced is marked by a path of its own.';
    allowObjects(record.role, processedBucket, ['s3:PutObject'], `${COMPACTIONS_PREFIX}*`, marks);
    return record;
  }

  private createRecordFailure(): PipelineFunction {
    const { alertTopic, deadLetters, jobNames, ledger, operationsKey, processedBucket, settings } = this.props;
    const record = this.create('RecordFailure', {
      name: 'record-failure',
      description:
        'Stops what still works on a failed batch, removes what it had published, marks its files FAILED, words the alert',
      size: settings.functions.recordFailure,
      environment: {
        ALERT_TOPIC_ARN: alertTopic.topicArn,
        CLEAN_JOB: jobNames.cleanJobName,
        FLATTEN_JOB: jobNames.flattenJobName,
      },
    });

    const { role } = record;
    role.addToPolicy(
      new PolicyStatement({
        actions: ['glue:GetJobRuns', 'glue:BatchStopJobRun'],
        resources: Object.values(jobNames).map((resourceName) =>
          Stack.of(this).formatArn({ service: 'glue', resource: 'job', resourceName }),
        ),
      }),
    );
    allowListing(role, processedBucket);
    this.allowWithdrawal(role);
    allowObjects(role, processedBucket, ['s3:GetObject'], WORK, WORK_REASON);
    allowObjects(role, processedBucket, ['s3:PutObject'], FILE_EVENTS, FILE_EVENTS_REASON);
    allowTable(role, ledger, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
    allowTable(role, ledger, ['dynamodb:Query'], 'by-batch');
    allowKey(role, operationsKey);
    role.addToPolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [alertTopic.topicArn] }));

    // Called asynchronously by the rule on status changes: an event that fails time and again must not be lost.
    role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }));
    (record.node.defaultChild as CfnFunction).deadLetterConfig = { targetArn: deadLetters.queueArn };
    return record;
  }

  /** The history of files is never removed: only the tables that the flatten job writes are. */
  private allowWithdrawal(role: IRole): void {
    for (const table of FLATTENED_TABLES) {
      const rows = `${TABLES_PREFIX}${table}/*`;
      allowObjects(role, this.props.processedBucket, ['s3:DeleteObject'], rows, PUBLISH_REASON);
    }
  }

  private create(
    id: string,
    definition: Pick<PipelineFunctionProps, 'name' | 'description' | 'folders' | 'size'> & {
      readonly environment?: Readonly<Record<string, string>>;
    },
  ): PipelineFunction {
    const { prefix, rawBucket, processedBucket, ledger, dataKey, operationsKey, settings } = this.props;
    const created = new PipelineFunction(this, id, {
      ...definition,
      prefix,
      environment: {
        RAW_BUCKET: rawBucket.bucketName,
        PROCESSED_BUCKET: processedBucket.bucketName,
        LEDGER_TABLE: ledger.tableName,
        ...definition.environment,
      },
      encryptionKey: operationsKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    allowKey(created.role, dataKey);
    return created;
  }
}
