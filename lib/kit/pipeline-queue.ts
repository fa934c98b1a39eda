import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

export interface PipelineQueueProps
  extends Pick<QueueProps, 'deliveryDelay' | 'visibilityTimeout' | 'deadLetterQueue'> {
  readonly queueName: string;
  readonly encryptionKey: IKey;
}

/** A queue as every queue of the pipeline is: encrypted, by TLS alone. */
export class PipelineQueue extends Queue {
  constructor(scope: Construct, id: string, { encryptionKey, ...props }: PipelineQueueProps) {
    super(scope, id, {
      ...props,
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: encryptionKey,
      enforceSSL: true,
      // The longest that SQS keeps a message: alarms are raised at once, but to correct the cause may take days.
      retentionPeriod: Duration.days(14),
    });
  }
}
