import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { type CfnJob, type ISecurityConfiguration, PySparkStreamingJob, WorkerType } from 'aws-cdk-lib/aws-glue';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { Universal } from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import type { StreamSettings } from '../config/stream-settings';
import { METRICS_NAMESPACE } from '../contracts/metrics';
import { DEAD_LETTERS_PREFIX, REVIEWS_PREFIX, STREAMS_PREFIX } from '../contracts/prefixes';
import { streamJobName } from '../contracts/streams';
import { acknowledgeWildcards } from '../kit/acknowledge-wildcards';
import { allowKey, allowListing, allowObjects } from '../kit/grants';
import type { GluePackage } from '../processing/glue-package';
import { JOB_LOGS_REASON, jobBasics } from '../processing/job-basics';
import type { KernelLibraries } from '../processing/kernel-libraries';
import type { StorageStack } from '../storage/storage-stack';
import { StreamNetwork } from './stream-network';

export interface StreamProps {
  /** First part of the names. */
  readonly prefix: string;
  readonly stream: StreamSettings;
  readonly storage: Pick<StorageStack, 'rawBucket' | 'processedBucket' | 'dataKey'>;
  readonly package: GluePackage;
  readonly libraries: KernelLibraries;
  readonly securityConfiguration: ISecurityConfiguration;
  readonly operationsKey: IKey;
  readonly settings: Pick<Settings, 'logs'>;
}

/** Glue restarts a streaming job once a week at least; here in the night from Saturday to Sunday (UTC). */
const MAINTENANCE_WINDOW = 'Sun:02';

/** How often a job that has ended is started again (minutes). One that runs refuses the start, which costs nothing. */
const RESTART_MINUTES = 5;

/** Reads a topic all the time: a job, and a schedule that starts it wherever it does not run. */
export class Stream extends Construct {
  readonly network?: StreamNetwork;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: StreamProps,
  ) {
    super(scope, id);
    const { prefix, stream, storage } = props;
    const { processedBucket, rawBucket } = storage;
    const jobName = streamJobName(prefix, stream.name);
    const folder = `${STREAMS_PREFIX}${stream.name}/`;
    const basics = jobBasics(this, {
      jobName,
      description: `Stores the messages of the topic ${stream.topic} as received files`,
      script: 'stream_reviews.py',
      package: props.package,
      libraries: props.libraries,
      temporaryUri: processedBucket.s3UrlForObject(`${folder}temporary/`),
      securityConfiguration: props.securityConfiguration,
      encryptionKey: props.operationsKey,
      logRetentionDays: props.settings.logs.retentionDays,
    });
    const job = new PySparkStreamingJob(this, 'Job', {
      ...basics.properties,
      // A quarter of a DPU each: the smallest there is, for streaming jobs only.
      workerConfiguration: { workerType: WorkerType.G_025X, numberOfWorkers: 2 },
      // Two runs would read the same messages.
      maxConcurrentRuns: 1,
      maxRetries: 0,
      defaultArguments: {
        ...basics.arguments,
        '--environment': prefix,
        '--stream': stream.name,
        '--source': stream.source,
        '--topic': stream.topic,
        '--dead-letter-topic': stream.deadLetterTopic,
        '--raw': rawBucket.s3UrlForObject(),
        '--checkpoint': processedBucket.s3UrlForObject(`${folder}checkpoint/`),
        '--seconds-per-batch': String(stream.secondsPerBatch),
        '--messages-per-batch': String(stream.messagesPerBatch),
        '--authentication': stream.authentication,
        ...(stream.cluster && { '--cluster': stream.cluster }),
        ...(stream.bootstrap && { '--bootstrap': stream.bootstrap }),
        ...(stream.secretName && { '--login': stream.secretName }),
      },
    });
    const resource = job.node.defaultChild as CfnJob;
    resource.maintenanceWindow = MAINTENANCE_WINDOW;
    Validations.of(job).acknowledge({ id: 'AwsSolutions-GL1', reason: JOB_LOGS_REASON });
    if (stream.network) {
      this.network = new StreamNetwork(this, 'Network', { name: jobName, network: stream.network, role: basics.role });
      resource.connections = { connections: [this.network.connectionName] };
    }
    this.allowStorage(basics.role, folder);
    this.allowBrokers(basics.role);
    this.allowMetrics(basics.role);
    this.keepRunning(jobName);
  }

  private allowStorage(role: Role, folder: string): void {
    const { stream, storage } = this.props;
    const { rawBucket, processedBucket, dataKey } = storage;
    allowKey(role, dataKey);
    allowListing(role, rawBucket);
    allowListing(role, processedBucket);
    const byOffset = 'Objects are named by the offsets of their messages.';
    for (const path of [
      `${REVIEWS_PREFIX}${stream.source}/${stream.name}/*`,
      `${DEAD_LETTERS_PREFIX}${stream.name}/*`,
    ]) {
      allowObjects(role, rawBucket, ['s3:GetObject', 's3:PutObject'], path, byOffset);
    }
    const actions = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
    allowObjects(role, processedBucket, actions, `${folder}*`, 'Spark names the files of a checkpoint.');
  }

  private allowBrokers(role: Role): void {
    const { cluster, secretName, secretKeyArn, authentication, topic, deadLetterTopic } = this.props.stream;
    const allow = (actions: string[], resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    if (secretName) {
      // Secrets Manager adds six characters to the name.
      const secret = { service: 'secretsmanager', resource: 'secret', resourceName: `${secretName}-??????` };
      const arn = Stack.of(this).formatArn({ ...secret, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
      allow(['secretsmanager:GetSecretValue'], [arn]);
      if (secretKeyArn) allow(['kms:Decrypt'], [Key.fromKeyArn(this, 'SecretKey', secretKeyArn).keyArn]);
    }
    if (!cluster) return;
    allow(['kafka:GetBootstrapBrokers'], ['*']);
    acknowledgeWildcards(role, { resource: '*', reason: 'kafka:GetBootstrapBrokers accepts no resource.' });
    if (authentication !== 'iam') return;
    const resource = (kind: string, name: string) => `${cluster.replace(':cluster/', `:${kind}/`)}/${name}`;
    allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster', 'kafka-cluster:WriteDataIdempotently'], [cluster]);
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], [resource('topic', topic)]);
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], [resource('topic', deadLetterTopic)]);
    const groups = 'spark-kafka-source-*';
    allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [resource('group', groups)]);
    acknowledgeWildcards(role, { resource: `/${groups}`, reason: 'Spark names a group for each run.' });
  }

  private allowMetrics(role: Role): void {
    role.addToPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': METRICS_NAMESPACE } },
      }),
    );
  }

  private keepRunning(jobName: string): void {
    const job = Stack.of(this).formatArn({ service: 'glue', resource: 'job', resourceName: jobName });
    new Schedule(this, 'Schedule', {
      scheduleName: jobName,
      description: `Starts the job of the stream ${this.props.stream.name} where it does not run`,
      schedule: ScheduleExpression.rate(Duration.minutes(RESTART_MINUTES)),
      target: new Universal({
        service: 'glue',
        action: 'startJobRun',
        input: ScheduleTargetInput.fromObject({ JobName: jobName }),
        // The next start does all that a lost one would have done.
        retryAttempts: 0,
        policyStatements: [new PolicyStatement({ actions: ['glue:StartJobRun'], resources: [job] })],
      }),
      key: this.props.operationsKey,
    });
  }
}
