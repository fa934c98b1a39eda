import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { s3Error } from './fake-s3';

/** The notifications of a bucket behind the mocked S3 client. */
export class FakeBucket {
  readonly mock = mockClient(S3Client);
  /** The bucket's one document of notifications. */
  notifications: Record<string, unknown> = {};
  /** Whether the bucket is there. */
  exists = true;
  /** Thrown by the next write, which then does not happen. */
  nextWriteError: Error | undefined;

  constructor() {
    this.mock.on(GetBucketNotificationConfigurationCommand).callsFake(() => {
      if (!this.exists) throw s3Error('NoSuchBucket', 404);
      return { $metadata: {}, ...this.notifications };
    });
    this.mock.on(PutBucketNotificationConfigurationCommand).callsFake(({ NotificationConfiguration }) => {
      const error = this.nextWriteError;
      this.nextWriteError = undefined;
      if (error) throw error;
      this.notifications = NotificationConfiguration;
      return {};
    });
  }
}
