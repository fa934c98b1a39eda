import { GetObjectCommand, NoSuchKey } from '@aws-sdk/client-s3';
import type * as z from 'zod';
import { InvalidInputError } from '../runtime/function-errors';
import { parseJsonOrThrow } from '../runtime/parse';
import { s3 } from './s3';

/**
 * A JSON document that the pipeline wrote, checked; undefined if it does not exist.
 *
 * @throws InvalidInputError if the document is not as the schema says
 */
export async function findDocument<T extends z.ZodType>(
  schema: T,
  bucket: string,
  key: string,
): Promise<z.output<T> | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return parseJsonOrThrow(schema, (await Body?.transformToString()) ?? '', `s3://${bucket}/${key}`);
  } catch (error) {
    if (error instanceof NoSuchKey) {
      return undefined;
    }
    throw error;
  }
}

/** As `findDocument`, but throws if the document does not exist. */
export async function readDocument<T extends z.ZodType>(schema: T, bucket: string, key: string): Promise<z.output<T>> {
  const document = await findDocument(schema, bucket, key);
  if (document === undefined) {
    throw new InvalidInputError(`s3://${bucket}/${key} does not exist; the state before should have written it.`);
  }
  return document;
}
