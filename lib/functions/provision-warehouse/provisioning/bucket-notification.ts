import {
  type Event,
  GetBucketNotificationConfigurationCommand,
  type GetBucketNotificationConfigurationCommandOutput,
  PutBucketNotificationConfigurationCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { NotificationProperties } from '../../../contracts/provisioning-properties';
import type { Progress } from '../../snowflake/progress';
import { ProvisioningError } from '../../snowflake/provisioning-errors';
import { s3 } from '../../storage/s3';

/** New files, and those that the removal of a failed batch takes away. */
const EVENTS: Event[] = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'];

/**
 * Has the bucket tell Snowflake's queue of files of the published tables. A bucket has one document of notifications: every entry in it
 * that is not this one stays as it is.
 */
export async function provideNotification(properties: NotificationProperties, progress: Progress): Promise<void> {
  const { Bucket, Prefix, Suffix, Entry, Channel } = properties;
  await change(properties, progress, (queues) => [
    ...queues.filter(({ Id }) => Id !== Entry),
    {
      Id: Entry,
      QueueArn: Channel,
      Events: EVENTS,
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix', Value: Prefix },
            { Name: 'suffix', Value: Suffix },
          ],
        },
      },
    },
  ]).catch((error: unknown) => {
    throw refused(`notify ${Channel} of files under ${Bucket}/${Prefix}`, error);
  });
}

/** Takes the entry away again; a bucket that is gone has none. */
export async function withdrawNotification(properties: NotificationProperties, progress: Progress): Promise<void> {
  await change(properties, progress, (queues) => queues.filter(({ Id }) => Id !== properties.Entry)).catch(
    (error: unknown) => {
      if (error instanceof S3ServiceException && error.name === 'NoSuchBucket') return;
      throw refused(`stop notifying ${properties.Channel}`, error);
    },
  );
}

type Queues = NonNullable<GetBucketNotificationConfigurationCommandOutput['QueueConfigurations']>;

async function change(
  { Bucket }: NotificationProperties,
  progress: Progress,
  edit: (queues: Queues) => Queues,
): Promise<void> {
  const { $metadata, QueueConfigurations, ...others } = await s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket }),
  );
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { ...others, QueueConfigurations: edit(QueueConfigurations ?? []) },
    }),
  );
  progress.changed = true;
}

function refused(what: string, error: unknown): ProvisioningError {
  const { name, message } = error as Error;
  return new ProvisioningError(`S3 refused to ${what}: ${name}: ${message}`);
}
