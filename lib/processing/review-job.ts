import { Duration, Validations } from 'aws-cdk-lib';
import { type CfnJob, PySparkEtlJob, type WorkerType } from 'aws-cdk-lib/aws-glue';
import type { Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Settings } from '../config/schema';
import { JOB_LOGS_REASON, type JobBasicsProps, jobBasics } from './job-basics';

export interface ReviewJobProps extends JobBasicsProps {
  readonly size: Settings['glue'];
}

const BYTES_OF_MEBIBYTE = 1024 ** 2;

/** A Spark job that processes a batch. */
export class ReviewJob extends Construct {
  readonly job: PySparkEtlJob;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ReviewJobProps) {
    super(scope, id);
    const { role, properties, arguments: shared } = jobBasics(this, props);
    this.role = role;
    this.job = new PySparkEtlJob(this, 'Job', {
      ...properties,
      workerConfiguration: {
        workerType: props.size.workerType as WorkerType,
        numberOfWorkers: props.size.maximumWorkers,
      },
      timeout: Duration.minutes(props.size.timeoutMinutes),
      maxConcurrentRuns: props.size.maximumConcurrentRuns,
      jobRunQueuingEnabled: true,
      // The state machine decides what to retry. A job that retries itself would hide its failure from it.
      maxRetries: 0,
      defaultArguments: {
        ...shared,
        '--small-batch-bytes': String(props.size.smallBatchMebibytes * BYTES_OF_MEBIBYTE),
      },
    });
    // A property of the job, not another kind of job: switching it makes no new one.
    (this.job.node.defaultChild as CfnJob).executionClass = props.size.executionClass;
    Validations.of(this.job).acknowledge({ id: 'AwsSolutions-GL1', reason: JOB_LOGS_REASON });
  }
}
