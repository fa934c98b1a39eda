import { S3Client } from '@aws-sdk/client-s3';
import { clientDefaults } from '../runtime/aws';

/**
 * The functions' one S3 client. At a local endpoint the bucket goes into the path: `<bucket>.localhost` need not resolve.
 */
export const s3 = new S3Client({
  ...clientDefaults,
  forcePathStyle: Boolean(process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL),
});
