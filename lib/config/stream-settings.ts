import { z } from 'zod';
import { sources } from '../contracts/sources';
import { subnetId, vpcId } from './network-ids';
import { keyArn } from './warehouse-settings';

const topic = z.string().regex(/^[\w.-]{1,200}$/, 'expected the name of a topic: up to 200 letters, digits and ._-');

/** A topic of Kafka whose messages are reviews. */
export const streamSettings = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,29}$/, 'expected 1 to 30 small letters, digits and hyphens, a letter first')
      .describe('Name of the stream, of its job and of its folder in the raw bucket.'),
    source: z
      .string()
      .refine((name) => sources.get(name)?.format === 'json', {
        error: 'expected a name of contracts/sources whose format is json',
      })
      .describe('Source contract by which the messages are read.'),
    topic: topic.describe('Topic that is read.'),
    deadLetterTopic: topic.describe('Topic that takes the messages that cannot be stored, with the reason.'),
    cluster: z
      .string()
      .regex(/^arn:[\w-]+:kafka:[\w-]+:\d{12}:cluster\/[\w-]+\/[\w-]+$/, 'expected the ARN of an MSK cluster')
      .optional()
      .describe('ARN of an MSK cluster, which says where its brokers are. Either this or bootstrap.'),
    bootstrap: z
      .string()
      .regex(/^[\w.-]+:\d+(,[\w.-]+:\d+)*$/, 'expected host:port, more of them between commas')
      .optional()
      .describe('Addresses of the brokers, host:port between commas, of any other Kafka. Either this or cluster.'),
    authentication: z
      .enum(['iam', 'scram', 'none'])
      .describe(
        'How the job logs in: iam (MSK only), scram (user and password of a secret), none. It never connects without TLS.',
      ),
    secretName: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Name of a secret {"username", "password"} for scram; {"certificateAuthority"}, in PEM, where a private authority signs the certificates.',
      ),
    secretKeyArn: keyArn
      .optional()
      .describe('ARN of the KMS key of the secret. @default the key of AWS for Secrets Manager'),
    secondsPerBatch: z
      .int()
      .min(1)
      .max(3600)
      .default(60)
      .describe('How often what is new is stored (seconds). Each time makes a file per partition.'),
    messagesPerBatch: z
      .int()
      .min(100)
      .max(10_000_000)
      .default(200_000)
      .describe('Maximum number of messages that are stored at a time (messages).'),
    network: z
      .strictObject({
        vpcId: vpcId.describe('VPC that reaches the brokers.'),
        subnetId: subnetId.describe('Private subnet in which the job runs. It must reach S3 and the other services.'),
        availabilityZone: z.string().min(1).describe('Zone of the subnet.'),
      })
      .optional()
      .describe('Where the job runs, if the brokers are in a VPC. By default it reaches them by public addresses.'),
  })
  .superRefine((stream, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if ((stream.cluster === undefined) === (stream.bootstrap === undefined)) {
      issue('cluster', 'expected either cluster or bootstrap');
    }
    if (stream.authentication === 'iam' && stream.cluster === undefined) {
      issue('authentication', 'expected scram or none with bootstrap: only clusters of MSK know IAM');
    }
    if (stream.authentication === 'scram' && stream.secretName === undefined) {
      issue('secretName', 'expected the name of a secret with authentication scram');
    }
    if (stream.topic === stream.deadLetterTopic) issue('deadLetterTopic', 'expected another topic than the one read');
  });

export type StreamSettings = z.output<typeof streamSettings>;
