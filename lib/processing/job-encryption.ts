import { RemovalPolicy } from 'aws-cdk-lib';
import { JobBookmarksEncryption, S3Encryption, SecurityConfiguration } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { acknowledgeCheckov } from '../kit/acknowledge-checkov';

export interface JobEncryptionProps {
  readonly name: string;
  /** Key of what the jobs write to S3. */
  readonly dataKey: IKey;
  /** Key of the jobs' bookmarks. */
  readonly operationsKey: IKey;
}

/**
 * How Glue encrypts what the jobs leave behind: data, and bookmarks (which they do not use).
 *
 * Not the logs: of a configuration that encrypts them Glue makes log groups of its own, named after role and configuration, which never
 * expire and outlive the stack. The stack's groups are encrypted by themselves. "JobRun", AWS Glue Web API Reference, LogGroupName.
 */
export class JobEncryption extends SecurityConfiguration {
  constructor(scope: Construct, id: string, props: JobEncryptionProps) {
    // One level below its id: so it has the logical id that deployed stacks know it by.
    super(new Construct(scope, id), 'SecurityConfiguration', {
      securityConfigurationName: props.name,
      s3Encryption: S3Encryption.kms(props.dataKey),
      jobBookmarksEncryption: JobBookmarksEncryption.clientSideKms(props.operationsKey),
      // It holds no data, and what is left behind would make the next deployment fail on its name.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledgeCheckov(this, {
      id: 'CKV_AWS_99',
      reason: "The logs are in the stack's own groups, which its key encrypts; see above.",
    });
  }
}
