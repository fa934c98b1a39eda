import * as z from 'zod';
import contract from '../../contracts/file-formats.json';

const signSchema = z.object({
  offset: z.int().nonnegative().default(0),
  magic: z
    .string()
    .regex(/^([0-9a-f]{2})+$/)
    .transform((hexadecimal) => Buffer.from(hexadecimal, 'hex')),
});

const formatSchema = signSchema.extend({
  name: z.string(),
  also: signSchema.optional(),
  /** Absent where the format is not read. */
  reader: z.enum(['gzip', 'zstd', 'bzip2', 'tar', 'zip', 'avro', 'parquet']).optional(),
  advice: z.string().optional(),
});

/** A format that is told by its first bytes. */
export type FileFormat = z.infer<typeof formatSchema>;

const { formats } = z.object({ description: z.string(), formats: z.array(formatSchema) }).parse(contract);

/** The format that the bytes begin; undefined where they are none of those known. */
export function formatOf(bytes: Uint8Array): FileFormat | undefined {
  const has = ({ offset, magic }: z.infer<typeof signSchema>) =>
    magic.equals(bytes.subarray(offset, offset + magic.length));
  return formats.find((format) => has(format) && (!format.also || has(format.also)));
}
