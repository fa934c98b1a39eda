import { createHash } from 'node:crypto';
import type { S3Event } from '../../contracts/object-event';

// Step Functions takes inputs of at most 256 KiB (AWS Step Functions Developer Guide, "Quotas"); the rest is for the brackets.
const MAX_INPUT_BYTES = 255 * 1024;

// "StartExecution", AWS Step Functions API Reference: names have at most 80 characters; console links bear only the plain ones.
const MAX_NAME_LENGTH = 80;
const MAX_FILE_NAME_LENGTH = 40;

/** A message of the queue: an event of S3, as EventBridge put it there. */
export interface EventMessage {
  readonly messageId: string;
  /** The event, untouched. */
  readonly body: string;
  readonly event: S3Event;
}

/** What one execution may take. */
export interface Maximum {
  readonly files: number;
  /** Bytes of its files together, except for one file that is larger by itself. */
  readonly fileBytes: number;
}

/**
 * Divides messages into the lists of executions: each fits into one input, and no more bytes of files than register-files copies within its
 * time. A file that is larger by itself has a list of its own.
 */
export function divide(messages: readonly EventMessage[], maximum: Maximum): EventMessage[][] {
  const lists: EventMessage[][] = [];
  let room = 0;
  let fileRoom = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message.body) + 1;
    const fileSize = message.event.detail.object.size ?? 0;
    const last = lists.at(-1);
    if (last && size <= room && fileSize <= fileRoom && last.length < maximum.files) {
      last.push(message);
    } else {
      lists.push([message]);
      room = MAX_INPUT_BYTES;
      fileRoom = maximum.fileBytes;
    }
    room -= size;
    fileRoom -= fileSize;
  }
  return lists;
}

/** Name of the execution for a list of messages: it tells the first file, and is the same when the queue delivers the same list again. */
export function executionName(messages: readonly EventMessage[]): string {
  const ids = messages.map(({ messageId }) => messageId).join('\n');
  const digest = createHash('sha256').update(ids).digest('hex').slice(0, 16);
  const more = messages.length > 1 ? `-and-${messages.length - 1}-more` : '';
  return `${fileName(messages[0]?.event)}${more}-${digest}`.slice(-MAX_NAME_LENGTH);
}

function fileName(event: S3Event | undefined): string {
  const last = event?.detail.object.key.split('/').at(-1) ?? '';
  return last.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, MAX_FILE_NAME_LENGTH) || 'file';
}
