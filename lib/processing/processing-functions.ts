import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { REVIEWS_PREFIX, TABLES_PREFIX, WORK_PREFIX } from '../contracts/prefixes';
import { SOURCES_FOLDER } from '../contracts/source-documents';
import { FLATTENED_TABLES } from '../contracts/tables';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { allowKey, allowListing, allowObjects, allowTable } from '../kit/grants';
import { PipelineFunction } from '../kit/pipeline-function';
import type { StorageStack } from '../storage/storage-stack';

export interface ProcessingFunctionsProps {
  /** First part of the functions' names. */
  readonly prefix: string;
  /** Names of the Glue jobs, whose runs record-failure stops. */
  readonly jobNames: { readonly cleanJobName: string; readonly flattenJobName: string };
  readonly storage: StorageStack;
  readonly alertTopic: ITopic;
  /** Takes events that record-failure could not handle. */
  readonly deadLetters: IQueue;
  readonly operationsKey: IKey;
  readonly settings: Settings;
}

const FILE_EVENTS = `${TABLES_PREFIX}file_events/*`;
const WORK = `${WORK_PREFIX}*`;

/** The functions that the state machine calls, each with leave to touch exactly what its work needs. */
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
    const { raw, processed, ledger } = this.storage();
    const register = this.create('RegisterFiles', 'register-files', {
      description: 'Claims received files, looks at their first bytes and copies them to the work area of their batch',
      entry: 'lib/functions/register-files/handler.ts',
      folders: [SOURCES_FOLDER],
      size: this.props.settings.functions.registerFiles,
    });
    register.acknowledgeSynchronousCalls('the state Register files');

    allowListing(register.role, raw, 's3:ListBucketVersions');
    allowObjects(register.role, raw, ['s3:GetObject', 's3:GetObjectVersion'], `${REVIEWS_PREFIX}*`);
    allowObjects(register.role, processed, ['s3:PutObject', 's3:AbortMultipartUpload'], WORK, FILE_EVENTS);
    allowTable(register.role, ledger, ['dynamodb:UpdateItem', 'dynamodb:Query']);
    acknowledgeWildcards(
      register.role,
      { resource: `/${REVIEWS_PREFIX}*`, reason: 'Producers name the files they drop.' },
      { resource: `/${WORK}`, reason: 'Every batch has a work area of its own, named when it starts.' },
      { resource: `/${FILE_EVENTS}`, reason: 'Every batch writes its file events to a path of its own.' },
    );
    return register;
  }

  private createRecordOutcome(): PipelineFunction {
    const { processed, ledger } = this.storage();
    const record = this.create('RecordOutcome', 'record-outcome', {
      description: 'Writes the figures and the status of the files of a batch to the ledger',
      entry: 'lib/functions/record-outcome/handler.ts',
      size: this.props.settings.functions.recordOutcome,
    });
    record.acknowledgeSynchronousCalls('the state Record outcome');

    allowObjects(record.role, processed, ['s3:GetObject'], WORK);
    allowObjects(record.role, processed, ['s3:PutObject'], FILE_EVENTS);
    allowTable(record.role, ledger, ['dynamodb:UpdateItem']);
    acknowledgeWildcards(
      record.role,
      { resource: `/${WORK}`, reason: 'Every batch has a work area of its own, named when it starts.' },
      { resource: `/${FILE_EVENTS}`, reason: 'Every batch writes its file events to a path of its own.' },
    );
    return record;
  }

  private createRecordFailure(): PipelineFunction {
    const { processed, ledger } = this.storage();
    const { alertTopic, deadLetters, jobNames, operationsKey, settings } = this.props;
    const record = this.create('RecordFailure', 'record-failure', {
      description:
        'Stops what still works on a failed batch, removes what it had published, marks its files FAILED, words the alert',
      entry: 'lib/functions/record-failure/handler.ts',
      size: settings.functions.recordFailure,
      environment: {
        ALERT_TOPIC_ARN: alertTopic.topicArn,
        CLEAN_JOB: jobNames.cleanJobName,
        FLATTEN_JOB: jobNames.flattenJobName,
      },
    });

    record.role.addToPolicy(
      new PolicyStatement({
        actions: ['glue:GetJobRuns', 'glue:BatchStopJobRun'],
        resources: Object.values(jobNames).map((resourceName) =>
          Stack.of(this).formatArn({ service: 'glue', resource: 'job', resourceName }),
        ),
      }),
    );
    // The history of files is never removed: only the tables that the flatten job writes are.
    const removable = FLATTENED_TABLES.map((table) => `${TABLES_PREFIX}${table}/*`);
    allowListing(record.role, processed);
    allowObjects(record.role, processed, ['s3:DeleteObject'], ...removable);
    allowObjects(record.role, processed, ['s3:GetObject'], WORK);
    allowObjects(record.role, processed, ['s3:PutObject'], FILE_EVENTS);
    allowTable(record.role, ledger, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
    allowTable(record.role, ledger, ['dynamodb:Query'], 'by-batch');
    allowKey(record.role, operationsKey);
    record.role.addToPolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: [alertTopic.topicArn] }));

    // Called asynchronously by the rule on status changes: an event that fails time and again must not be lost.
    record.role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [deadLetters.queueArn] }));
    (record.function.node.defaultChild as CfnFunction).deadLetterConfig = { targetArn: deadLetters.queueArn };

    acknowledgeWildcards(
      record.role,
      ...removable.map((table) => ({
        resource: `/${table}`,
        reason: 'Every batch publishes to a path of its own in each table.',
      })),
      { resource: `/${WORK}`, reason: 'Every batch has a work area of its own, named when it starts.' },
      { resource: `/${FILE_EVENTS}`, reason: 'Every batch writes its file events to a path of its own.' },
    );
    return record;
  }

  private create(
    id: string,
    name: string,
    definition: {
      readonly description: string;
      readonly entry: string;
      readonly folders?: readonly string[];
      readonly size: { readonly memoryMiB: number; readonly timeoutSeconds: number };
      readonly environment?: Readonly<Record<string, string>>;
    },
  ): PipelineFunction {
    const { prefix, operationsKey, settings, storage } = this.props;
    const { raw, processed, ledger } = this.storage();
    const created = new PipelineFunction(this, id, {
      functionName: `${prefix}-${name}`,
      description: definition.description,
      entry: definition.entry,
      ...(definition.folders && { folders: definition.folders }),
      size: definition.size,
      environment: {
        RAW_BUCKET: raw.bucketName,
        PROCESSED_BUCKET: processed.bucketName,
        LEDGER_TABLE: ledger.tableName,
        ...definition.environment,
      },
      encryptionKey: operationsKey,
      logRetentionDays: settings.logs.retentionDays,
    });
    allowKey(created.role, storage.dataKey);
    return created;
  }

  private storage() {
    const { rawBucket, processedBucket, ledger } = this.props.storage;
    return { raw: rawBucket.bucket, processed: processedBucket.bucket, ledger: ledger.table };
  }
}
