import { GetJobCommand, GlueClient } from '@aws-sdk/client-glue';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { clientOptions } from '../../../local/platform/aws-clients';
import type { Platform } from '../../../local/platform/platform';

type Contract = { readonly fields: Record<string, unknown[]> };

/** Gives a field of a producer's contract one more name, in the package that the jobs run by: what a deployment of it would change. */
export async function addNameToContract(
  { aws, endpoint, outputs }: Platform,
  source: string,
  field: string,
  name: string,
) {
  const { Job } = await new GlueClient(clientOptions(endpoint)).send(
    new GetJobCommand({ JobName: outputs.CleanJobName }),
  );
  const { host: Bucket, pathname } = new URL(Job?.DefaultArguments?.['--extra-py-files'] ?? '');
  const place = { Bucket, Key: pathname.slice(1) };
  const { Body } = await aws.s3.send(new GetObjectCommand(place));
  const files = unzipSync(new Uint8Array((await Body?.transformToByteArray()) ?? []));
  const path = `reviews/contracts/sources/${source}.json`;
  const contract: Contract = JSON.parse(strFromU8(files[path] ?? new Uint8Array()));
  contract.fields[field]?.push(name);
  files[path] = strToU8(JSON.stringify(contract));
  await aws.s3.send(new PutObjectCommand({ ...place, Body: zipSync(files) }));
}
