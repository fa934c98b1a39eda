import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { REVIEWS_PREFIX } from '../../lib/contracts/prefixes';
import type { LocalKafka } from '../platform/kafka';
import type { Deployed } from '../platform/platform';
import { objectsBelow } from './connectors';
import type { DroppedFile } from './drop';

/** Reviews that a run with Kafka produces. */
export const SAMPLE_MESSAGES = 300;

const POLL_MS = 250;

/** Messages that an object of the stream says that it holds. */
async function messagesIn({ aws, outputs }: Deployed, { key, versionId }: DroppedFile): Promise<number> {
  const object = { Bucket: outputs.RawBucketName, Key: key, VersionId: versionId };
  const { Metadata } = await aws.s3.send(new HeadObjectCommand(object));
  return Number(Metadata?.messages);
}

/** The objects of a stream once they hold so many messages; `onLook` is told how many they hold. */
export async function objectsWith(
  platform: Deployed,
  { stream }: LocalKafka,
  messages: number,
  onLook: (held: number) => void = () => {},
): Promise<DroppedFile[]> {
  const prefix = `${REVIEWS_PREFIX}${stream.source}/${stream.name}/`;
  const held = new Map<string, number>();
  for (;;) {
    const objects = await objectsBelow(platform, prefix);
    for (const object of objects) {
      const name = `${object.key} ${object.versionId}`;
      if (!held.has(name)) held.set(name, await messagesIn(platform, object));
    }
    const sum = [...held.values()].reduce((total, count) => total + count, 0);
    onLook(sum);
    if (sum >= messages) return objects;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** Produces reviews, and waits for the objects that the job makes of them. */
export async function produceTo(
  platform: Deployed,
  kafka: LocalKafka,
  messages: number,
  say: (line: string) => void,
): Promise<DroppedFile[]> {
  await kafka.feed(messages);
  return objectsWith(platform, kafka, messages, (held) => say(`${messages} messages produced, ${held} stored`));
}
