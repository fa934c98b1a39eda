import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Deployment } from './deployment';

/** Kinds of audit records: how operators use personal data. Each kind has a folder that no table reads. */
type Kind = 'personal-data' | 'erasures';

/** Who runs the command, as AWS knows them. */
export async function principalOf({ sts }: Deployment): Promise<string> {
  const { Arn = 'unknown' } = await sts.send(new GetCallerIdentityCommand({}));
  return Arn;
}

/** Writes who does what, and when, below `audit/` in the processed bucket. It never says whose data it is. */
export async function recordAudit(deployment: Deployment, kind: Kind, entry: object): Promise<void> {
  const principal = await principalOf(deployment);
  const at = new Date().toISOString();
  await deployment.s3.send(
    new PutObjectCommand({
      Bucket: deployment.outputs.ProcessedBucketName,
      Key: `audit/${kind}/${at.slice(0, 10)}/${at.replace(/[:.]/g, '-')}.json`,
      Body: JSON.stringify({ at, principal, ...entry }),
      ContentType: 'application/json',
    }),
  );
}
